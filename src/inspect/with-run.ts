import { withTemporaryFolder } from "../base/files/temporary-folder.ts";
import type { Catalog } from "../flow/stage.ts";
import { type Database, withDatabase } from "../tables/database.ts";
import { partsElsewhere } from "../tables/parts-elsewhere.ts";
import { mountChecked } from "../tables/mount-checked.ts";
import { quote } from "../tables/quote.ts";

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
 * Opens a run's tables as views, with the macros that translate ids (`source_item_id` and others, see `defineSourceIds`), in a
 * database that can read the run folder and nothing else: no statement can reach another file but those to which parts are symbolic
 * links, the network or a setting. Closes it once `use` has ended.
 */
export async function withRun<T>(
  { runDir, tables, threads, memoryMb, outputs = [] }: RunOptions,
  use: (db: Database) => Promise<T>,
): Promise<T> {
  return withTemporaryFolder("sql", (tempDir) =>
    withDatabase({ threads, memoryMb, tempDir }, async (db) => {
      await db.run("set preserve_insertion_order = true");
      const checked = await mountChecked(db, tables, runDir);
      const readable = [...outputs, ...(await partsElsewhere(tables, runDir))];
      await db.run(`set allowed_directories = [${quote(runDir)}, ${quote(tempDir)}]`);
      await db.run(`set allowed_paths = [${readable.map(quote).join(", ")}]`);
      await db.run("set enable_external_access = false");
      await db.run("set lock_configuration = true");
      return use(checked);
    }),
  );
}
