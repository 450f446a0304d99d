import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Catalog } from "../flow/stage.ts";
import { type Database, withDatabase } from "../tables/database.ts";
import { mountTables } from "../tables/mount-tables.ts";
import { quote } from "../tables/quote.ts";
import { mountSourceIds } from "../tables/source-ids/source-ids.ts";

interface RunOptions {
  /** Absolute. */
  readonly runDir: string;
  readonly tables: Catalog;
  readonly threads: number;
  readonly memoryMb: number;
  /** Absolute paths of Parquet files that may be written. Default none. */
  readonly outputs?: readonly string[];
}

/**
 * Opens a run's tables as views, with the macros that translate ids (`source_item_id` and others, see `defineSourceIds`), in a database that can read the run folder and nothing else: no statement can reach another
 * file, the network or a setting. Closes it once `use` has ended.
 */
export async function withRun<T>(
  { runDir, tables, threads, memoryMb, outputs = [] }: RunOptions,
  use: (db: Database) => Promise<T>,
): Promise<T> {
  const tempDir = await mkdtemp(join(tmpdir(), "r4ec-sql-"));
  try {
    return await withDatabase({ threads, memoryMb, tempDir }, async (db) => {
      await db.run("set preserve_insertion_order = true");
      await mountTables(db, tables, runDir);
      await mountSourceIds(db, tables, runDir);
      await db.run(`set allowed_directories = [${quote(runDir)}, ${quote(tempDir)}]`);
      await db.run(`set allowed_paths = [${outputs.map(quote).join(", ")}]`);
      await db.run("set enable_external_access = false");
      await db.run("set lock_configuration = true");
      return use(db);
    });
  } finally {
    await rm(tempDir, { recursive: true, force: true });
  }
}
