import type { Database, Row, SqlParams } from "../../src/tables/database.ts";
import { schemaOf } from "../../src/tables/check-schema.ts";
import { quote } from "../../src/tables/quote.ts";
import { sqlFile } from "../../src/tables/sql-file.ts";

/** What a cell may hold: lists as arrays, maps as objects, times as `Date`. */
export type Cell =
  | string
  | number
  | boolean
  | null
  | Date
  | readonly Cell[]
  | { readonly [name: string]: readonly string[] };

/** A table with columns as in CREATE TABLE (`"id integer, name varchar"`) and one array a row. */
export async function makeTable(
  db: Database,
  name: string,
  columns: string,
  rows: readonly (readonly Cell[])[],
): Promise<void> {
  await db.run(`create or replace table ${name} (${columns})`);
  if (rows.length === 0) return;
  const values = rows.map((row) => `(${row.map(literal).join(", ")})`);
  await db.run(`insert into ${name} values ${values.join(", ")}`);
}

/** A table of a run, with its schema's columns, optional ones if a row has them; those that a row leaves out are null. */
export async function makeRunTable(
  db: Database,
  table: string,
  rows: readonly Readonly<Record<string, Cell>>[],
): Promise<void> {
  const given = new Set(rows.flatMap((row) => Object.keys(row)));
  const columns = schemaOf(table).columns.filter(
    ({ name, isOptional }) => !isOptional || given.has(name),
  );
  const names = new Set(columns.map((column) => column.name));
  for (const name of given) {
    if (!names.has(name)) throw new Error(`table ${table} has no column ${name}`);
  }
  const declared = columns.map((column) => `${column.name} ${column.type}`).join(", ");
  const cells = rows.map((row) => columns.map((column) => row[column.name] ?? null));
  await makeTable(db, table, declared, cells);
}

/** What a statement in sql/ returns, its rows sorted by all columns from the left. */
export async function answer(
  db: Database,
  statement: string,
  params?: SqlParams,
): Promise<readonly Row[]> {
  return db.rows(`select * from (\n${sqlFile(statement)}\n) order by all`, params);
}

/** A second of a day in January 2000, UTC. */
export function at(day: number, second = 0): Date {
  return new Date(Date.UTC(2000, 0, day, 0, 0, second));
}

function literal(cell: Cell): string {
  if (cell === null) return "null";
  if (typeof cell === "string") return quote(cell);
  if (typeof cell === "number" || typeof cell === "boolean") return String(cell);
  if (cell instanceof Date) return `timestamp ${quote(cell.toISOString().slice(0, -1))}`;
  if (isList(cell)) return `[${cell.map(literal).join(", ")}]`;
  const entries = Object.entries(cell).map(
    ([name, values]) => `${quote(name)}: ${literal(values)}`,
  );
  return `map {${entries.join(", ")}}::map(varchar, varchar[])`;
}

function isList(cell: Cell): cell is readonly Cell[] {
  return Array.isArray(cell);
}
