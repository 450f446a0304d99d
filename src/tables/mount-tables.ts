import { join } from "node:path";
import type { Catalog } from "../flow/stage.ts";
import type { Database } from "./database.ts";
import { tableSchemas } from "./schemas/index.ts";
import { plainParquet } from "./files/plain-parquet.ts";
import { quoteName } from "./quote.ts";

/**
 * Creates a view for each table over exactly the named parts, ignoring other files in its folder.
 * A table without parts becomes an empty view with its schema's columns, without the optional ones.
 */
export async function mountTables(db: Database, tables: Catalog, runDir: string): Promise<void> {
  for (const [table, parts] of Object.entries(tables)) {
    await mountFiles(
      db,
      table,
      parts.map((part) => join(runDir, part.path)),
    );
  }
}

/** Creates a view of one table over Parquet files, given by absolute path. */
export async function mountFiles(
  db: Database,
  table: string,
  paths: readonly string[],
): Promise<void> {
  await db.run(`create or replace view ${quoteName(table)} as ${selectFiles(table, paths)}`);
}

function selectFiles(table: string, paths: readonly string[]): string {
  if (paths.length > 0) return `select * from ${plainParquet(paths)}`;
  const columns = tableSchemas.get(table)?.columns ?? [];
  const nulls = columns
    .filter(({ isOptional }) => !isOptional)
    .map((column) => `null::${column.type} as ${quoteName(column.name)}`);
  return `select ${nulls.join(", ")} where false`;
}
