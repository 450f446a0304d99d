import type { Database, SqlParams } from "./database.ts";
import { FlowError } from "../base/errors.ts";
import { tableSchemas, type Column, type TableSchema } from "./schemas/index.ts";

/** The schema of a table that r4ec writes. */
export function schemaOf(table: string): TableSchema {
  const schema = tableSchemas.get(table);
  if (schema === undefined) throw new Error(`internal: no schema for table ${table}`);
  return schema;
}

/** The schema of a table without its optional columns, which only queries can write, never record batches. */
export function requiredSchemaOf(table: string): TableSchema {
  const schema = schemaOf(table);
  return { ...schema, columns: schema.columns.filter(({ isOptional }) => !isOptional) };
}

/** Throws `SCHEMA_MISMATCH` unless `columns` are the table's, in order; optional columns may be absent. */
export function checkSchema(
  table: string,
  columns: readonly Pick<Column, "name" | "type">[],
): TableSchema {
  const schema = schemaOf(table);
  const names = new Set(columns.map(({ name }) => name));
  const expected = schema.columns.filter(({ name, isOptional }) => !isOptional || names.has(name));
  const show = (list: readonly Pick<Column, "name" | "type">[]): string =>
    list.map((column) => `${column.name} ${column.type}`).join(", ");
  if (show(columns) !== show(expected)) {
    throw new FlowError(
      "SCHEMA_MISMATCH",
      `table ${table}: expected columns (${show(expected)}), got (${show(columns)})`,
    );
  }
  return schema;
}

/** The columns that a query would return. */
export async function describeQuery(
  db: Database,
  sql: string,
  params: SqlParams,
): Promise<readonly Pick<Column, "name" | "type">[]> {
  const columns = await db.rows(`describe (\n${sql}\n)`, params);
  return columns.map((column) => ({
    name: String(column["column_name"]),
    type: String(column["column_type"]),
  }));
}

/** Whether values of a DuckDB type, as {@link describeQuery} names it, are numbers. */
export function isNumberType(type: string): boolean {
  return /^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL\(\d+,\d+\)|BIGNUM)$/.test(
    type,
  );
}
