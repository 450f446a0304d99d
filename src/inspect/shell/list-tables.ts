import type { Catalog } from "../../flow/stage.ts";
import type { Database } from "../../tables/database.ts";
import { tableSchemas } from "../../tables/schemas/index.ts";
import { FlowError } from "../../base/errors.ts";
import { answerOfRows, type QueryAnswer } from "../sql/answer.ts";
import { inStageOrder, requireTables } from "../stage-of-table.ts";

/** The tables of a run with their row counts and descriptions. */
export function listTables(tables: Catalog): QueryAnswer {
  return answerOfRows(
    { table: "other", rows: "number", about: "other" },
    inStageOrder(Object.keys(tables)).map((table) => [
      table,
      (tables[table] ?? []).reduce((sum, part) => sum + part.rows, 0),
      tableSchemas.get(table)?.about ?? null,
    ]),
  );
}

/**
 * The columns of a table, or of every table of the run.
 *
 * @throws `RUN_INVALID` naming the stage that makes a table the run lacks, `CONFIG_INVALID` for an unknown table
 */
export async function listColumns(
  db: Database,
  tables: Catalog,
  table: string | undefined,
): Promise<QueryAnswer> {
  const names = Object.keys(tables);
  if (table !== undefined && !names.includes(table)) {
    if (tableSchemas.has(table)) requireTables(".schema", [table], names);
    throw new FlowError("CONFIG_INVALID", `unknown table ${table}; tables: ${names.join(", ")}`);
  }
  const rows = await db.rows(
    "select table_name, column_name, data_type from duckdb_columns() " +
      "where not internal and ($table is null or table_name = $table) order by table_name, column_index",
    { table: table ?? null },
  );
  return answerOfRows(
    { table: "other", column: "other", type: "other", about: "other" },
    rows.map((row) => [
      row["table_name"],
      row["column_name"],
      row["data_type"],
      aboutColumn(String(row["table_name"]), String(row["column_name"])),
    ]),
  );
}

function aboutColumn(table: string, name: string): string | null {
  const columns = tableSchemas.get(table)?.columns ?? [];
  return columns.find((column) => column.name === name)?.about ?? null;
}
