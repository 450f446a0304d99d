import { FlowError } from "../../../../base/errors.ts";
import { describeQuery } from "../../../../tables/check-schema.ts";
import type { Database } from "../../../../tables/database.ts";
import { quote, quoteName } from "../../../../tables/quote.ts";
import { missingColumn, type WantedColumn } from "../file-errors.ts";
import { unreadableFile } from "../../../../tables/files/read-fault.ts";
import type { SourceFile } from "../find-files.ts";
import { partitionValues } from "../text/partition-values.ts";
import { isFloating } from "../columns/column-type.ts";
import { exactBits, isExactWhole } from "../../../../tables/source-ids/id-text.ts";
import { castTo, commonType, type FoundColumn } from "./parquet-types.ts";
import { pathOf } from "./path-of.ts";
import { refuseRoundedTimes } from "./refuse-rounded-times.ts";

/** Parquet files as one relation. */
export interface ParquetSource {
  /** A query: `file_index, place, line, fault, content, c0, c1, …`. */
  readonly select: string;
  /** Whether its rows are not in the order of the files. */
  readonly isUnordered: boolean;
}

/** Files whose requested columns have the same names and types. */
interface Form {
  readonly files: number[];
  readonly columns: readonly FormColumn[];
}

interface FormColumn extends FoundColumn {
  /** SQL of the column; of a partition the value of the file's folder. */
  readonly column: string;
}

/**
 * Opens Parquet files: looks at the columns of every file, and decides in which type each is read, so that no file is cast to the types
 * of another. A column that a file lacks can be the name of a folder, such as `day=2020-01-01`. Files without rows decide nothing.
 *
 * @param given - The type of each column, where these files are some of all that are read
 * @throws `INPUT_INVALID` naming a file that cannot be read, or its column
 */
export async function parquetSource(
  db: Database,
  files: readonly SourceFile[],
  columns: readonly WantedColumn[],
  given?: readonly string[],
): Promise<ParquetSource> {
  const forms = await formsOf(db, files, columns, given !== undefined);
  if (forms.length === 0) return { select: noRows(given ?? []), isUnordered: false };
  const types =
    given ??
    columns.map((column, k) =>
      commonType(
        column,
        forms.flatMap((form) => form.columns[k] ?? []),
      ),
    );
  if (given === undefined) await refuseRoundedTimes(db, forms, files, columns);
  const selects = forms.map((form) => selectOf(form, files, columns, types));
  return { select: selects.join("\nunion all\n"), isUnordered: selects.length > 1 };
}

async function formsOf(
  db: Database,
  files: readonly SourceFile[],
  columns: readonly WantedColumn[],
  areSome: boolean,
): Promise<readonly Form[]> {
  const schemas = await schemasOf(db, files);
  const found = new Map<string, readonly FormColumn[]>();
  const forms = new Map<string, Form>();
  const hasRows = areSome || schemas.some(({ rows }) => rows > 0);
  for (const [index, { schema, rows }] of schemas.entries()) {
    const file = files[index];
    if (file === undefined || (rows === 0 && hasRows)) continue;
    const partitions = [...partitionValues(file.path).keys()];
    const known = `${schema} ${partitions.join("/")}`;
    const here = found.get(known) ?? (await columnsIn(db, file, partitions, columns));
    found.set(known, here);
    const key = JSON.stringify(here.map(({ column, type }) => [column, type]));
    const form = forms.get(key) ?? { files: [], columns: here };
    form.files.push(index);
    forms.set(key, form);
  }
  return [...forms.values()];
}

/** A query like {@link selectOf} for files of which none has rows. */
function noRows(types: readonly string[]): string {
  const facts = [
    ...["null::bigint as file_index", "null::bigint as place", "null::bigint as line"],
    ...["null::varchar as fault", "null::varchar as content"],
  ];
  const values = types.map((type, k) => `null::${type} as c${k}`);
  return `select ${[...facts, ...values].join(", ")} where false`;
}

/** A text that differs for files of different schemas, and the number of rows, of each file. */
async function schemasOf(
  db: Database,
  files: readonly SourceFile[],
): Promise<readonly { readonly schema: string; readonly rows: number }[]> {
  const schemaOf = async (list: readonly SourceFile[]) => {
    const paths = `[${list.map(pathOf).join(", ")}]`;
    const schemas = await db.rows(
      "select file_name, md5(string_agg(concat_ws(' ', name, type, type_length, num_children, converted_type, scale, precision, logical_type), chr(10) " +
        `order by column_id)) as schema from parquet_schema(${paths}) group by file_name`,
    );
    const sizes = await db.rows(
      `select file_name, any_value(num_rows) as rows from parquet_file_metadata(${paths}) group by file_name`,
    );
    const rowsOf = new Map(sizes.map(({ file_name, rows }) => [file_name, Number(rows)]));
    return new Map(
      schemas.map(({ file_name, schema }) => [
        String(file_name),
        { schema: String(schema), rows: rowsOf.get(file_name) ?? 0 },
      ]),
    );
  };
  const found = await schemaOf(files).catch(async (error: unknown) => {
    for (const file of files) {
      await schemaOf([file]).catch((reason: unknown) => {
        throw unreadableFile(file.path, reason);
      });
    }
    throw error;
  });
  return Promise.all(
    files.map(async (file) => found.get(file.path) ?? oneSchema(file, await schemaOf([file]))),
  );
}

/** The schema of a URL that names files under other names than its own, such as a glob. */
function oneSchema(
  { path }: SourceFile,
  found: ReadonlyMap<string, { readonly schema: string; readonly rows: number }>,
): { readonly schema: string; readonly rows: number } {
  const [first, ...others] = found.values();
  if (first === undefined || others.some(({ schema }) => schema !== first.schema)) {
    throw new FlowError(
      "INPUT_INVALID",
      `${path}: the files there have different columns; give each of them by its own path`,
    );
  }
  return { ...first, rows: others.reduce((sum, { rows }) => sum + rows, first.rows) };
}

/** The requested columns in a file. Names are case-insensitive, as in DuckDB. */
async function columnsIn(
  db: Database,
  file: SourceFile,
  partitions: readonly string[],
  columns: readonly WantedColumn[],
): Promise<readonly FormColumn[]> {
  const { path } = file;
  const source = `read_parquet(${pathOf(file)}, hive_partitioning = false)`;
  const found = await describeQuery(db, `select * from ${source}`, {}).catch((error: unknown) => {
    throw unreadableFile(path, error);
  });
  const taken = found.find(({ name }) => /^(file_index|file_row_number)$/i.test(name));
  if (taken !== undefined) {
    throw new FlowError(
      "INPUT_INVALID",
      `${path}: the column name ${taken.name} is reserved for reading; rename it`,
    );
  }
  return columns.map((wanted): FormColumn => {
    const same = (name: string): boolean => name.toLowerCase() === wanted.name.toLowerCase();
    const column = found.find(({ name }) => same(name));
    if (column !== undefined) return { column: quoteName(wanted.name), type: column.type, path };
    const partition = partitions.find(same);
    if (partition === undefined) {
      throw missingColumn(path, wanted, [...found.map(({ name }) => name), ...partitions]);
    }
    return { column: `/${partition}`, type: "VARCHAR", path };
  });
}

function selectOf(
  form: Form,
  files: readonly SourceFile[],
  columns: readonly WantedColumn[],
  types: readonly string[],
): string {
  const members = form.files.flatMap((index) => files[index] ?? []);
  const place = "cast(file_index as bigint) + 1";
  const isAll = members.length === files.length;
  const index = isAll
    ? "cast(file_index as bigint)"
    : `[${form.files.join(", ")}][${place}]::bigint`;
  const values = form.columns.map(({ column, type }, k) => {
    if (!column.startsWith("/")) return castTo(types[k] ?? type, column, type);
    const folders = members.map(({ path }) => partitionValues(path).get(column.slice(1)) ?? "");
    return `[${folders.map(quote).join(", ")}][${place}]`;
  });
  const faults = form.columns.flatMap(({ column, type }, k) => {
    const { name = "", numbers } = columns[k] ?? {};
    if (type === "BLOB") {
      return `when ${column} is not null and ${values[k] ?? ""} is null then ${quote(`column ${name} is not valid UTF-8`)}`;
    }
    // A text no longer shows that it was rounded; columns that stay numbers are checked where ids are read.
    return numbers === "ids" && isFloating(type) && types[k] === "VARCHAR"
      ? `when not isnan(${column}) and not (${isExactWhole(column, type)}) then ${quote(`column ${name} is not a whole number below 2^${exactBits(type)}`)}`
      : [];
  });
  const fault = faults.length === 0 ? "null::varchar" : `case ${faults.join(" ")} end`;
  const named = values.map((value, k) => `${value} as c${k}`);
  const facts = `${index} as file_index, file_row_number as place, file_row_number + 1 as line, ${fault} as fault, null::varchar as content`;
  return `select ${[facts, ...named].join(", ")} from read_parquet([${members.map(pathOf).join(", ")}], hive_partitioning = false)`;
}
