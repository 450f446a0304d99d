/** @file The types of columns over several Parquet files. */
import { FlowError } from "../../../../base/errors.ts";
import { isInstant, isWhole } from "../columns/column-type.ts";
import type { WantedColumn } from "../file-errors.ts";

/** A requested column in files that have it in the same form. */
export interface FoundColumn {
  /** DuckDB's type. */
  readonly type: string;
  /** A file with it, for messages. */
  readonly path: string;
}

/**
 * The type in which a column is read from all files, without loss: their common type, a wider one of the same kind, or text.
 *
 * @param found - The column in each form of file
 * @throws `INPUT_INVALID` naming a file whose column holds lists or the like
 */
export function commonType(column: WantedColumn, found: readonly FoundColumn[]): string {
  const types = [...new Set(found.map(({ type }) => readableType(type)))];
  const nested = found.find(({ type }) => isNested(type));
  if (nested !== undefined) {
    if (column.mayBeList === true && types.length === 1) return nested.type;
    if (column.mayBeList === true && types.every((type) => type.endsWith("]"))) return "VARCHAR[]";
    throw nestedColumn(column, nested, found);
  }
  const [first = "VARCHAR", ...others] = types;
  if (others.length === 0) return first;
  if (types.every(isWhole)) {
    return types.some((type) => /^(UBIGINT|U?HUGEINT)$/.test(type)) ? "HUGEINT" : "BIGINT";
  }
  return types.every(isInstant) ? "TIMESTAMP" : "VARCHAR";
}

/** SQL of a column in {@link commonType}. */
export function castTo(type: string, column: string, from: string): string {
  if (from === type) return column;
  if (from === "BLOB") return `try(decode(${column}))`;
  const isZoned = from === "TIMESTAMP WITH TIME ZONE";
  return `cast(${isZoned ? `${column} at time zone 'UTC'` : column} as ${type})`;
}

/** The type in which a column is read: texts may be stored as bytes, without the mark that they are texts. */
function readableType(type: string): string {
  return /^(BLOB|JSON|ENUM.*)$/.test(type) ? "VARCHAR" : type;
}

function isNested(type: string): boolean {
  return /\]$|^(STRUCT|MAP|UNION)\(|^VARIANT/.test(type);
}

function nestedColumn(
  { name, setting }: WantedColumn,
  nested: FoundColumn,
  found: readonly FoundColumn[],
): FlowError {
  const other = found.find(({ type }) => type !== nested.type);
  return new FlowError(
    "INPUT_INVALID",
    other === undefined
      ? `${setting}: column ${name} of ${nested.path} holds ${nested.type}, but each row needs one value there; ` +
          "write a row for each value of a list, and a column for each field"
      : `${setting}: column ${name} of ${nested.path} holds ${nested.type}, and that of ${other.path} ${other.type}; write them alike`,
  );
}
