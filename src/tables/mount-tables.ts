import { join } from "node:path";
import type { Catalog } from "../flow/stage.ts";
import type { FileRef } from "../flow/task.ts";
import type { Database } from "./database.ts";
import { tableSchemas } from "./schemas.ts";
import { quote, quoteName } from "./quote.ts";

/**
 * Makes a view for each table over exactly the parts named, never over what else lies in the folder.
 * A table without parts becomes an empty view with its schema's columns.
 */
export async function mountTables(db: Database, tables: Catalog, runDir: string): Promise<void> {
  for (const [table, parts] of Object.entries(tables)) {
    await db.run(
      `create or replace view ${quoteName(table)} as ${selectParts(table, parts, runDir)}`,
    );
  }
}

function selectParts(table: string, parts: readonly FileRef[], runDir: string): string {
  if (parts.length > 0) {
    const paths = parts.map((part) => quote(join(runDir, part.path))).join(", ");
    return `select * from read_parquet([${paths}])`;
  }
  const columns = tableSchemas.get(table)?.columns ?? [];
  const nulls = columns.map((column) => `null::${column.type} as ${quoteName(column.name)}`);
  return `select ${nulls.join(", ")} where false`;
}
