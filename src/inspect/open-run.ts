import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Catalog } from "../flow/stage.ts";
import { openDatabase, type Database } from "../tables/database.ts";
import { mountTables } from "../tables/mount-tables.ts";
import { quote } from "../tables/quote.ts";

/**
 * A run's tables as views in a database that can read the run folder and nothing else: no other file, no network, no setting
 * can be reached from a statement.
 *
 * @param outputs - Absolute paths of files that {@link writeParquet} is to write
 */
export async function openRun(
  runDir: string,
  tables: Catalog,
  resources: { readonly threads: number; readonly memoryMb: number },
  outputs: readonly string[] = [],
): Promise<Database> {
  const tempDir = await mkdtemp(join(tmpdir(), "r4ec-sql-"));
  const db = await openDatabase({ ...resources, tempDir });
  await db.run("set preserve_insertion_order = true");
  await mountTables(db, tables, runDir);
  await db.run(`set allowed_directories = [${quote(runDir)}, ${quote(tempDir)}]`);
  await db.run(`set allowed_paths = [${outputs.map(quote).join(", ")}]`);
  await db.run("set enable_external_access = false");
  await db.run("set lock_configuration = true");
  return {
    ...db,
    close: () => {
      db.close();
      void rm(tempDir, { recursive: true, force: true });
    },
  };
}
