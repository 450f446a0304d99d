import { withTemporaryFolder } from "../base/files/temporary-folder.ts";
import type { Database } from "../tables/database.ts";
import { runtimeOf, type PipelineSettings } from "./settings.ts";

/**
 * Runs `use` on a database that leaves nothing behind.
 *
 * @param purpose - Part of the temporary folder's name
 */
export async function withTemporaryDatabase<T>(
  purpose: string,
  { runtime }: Pick<PipelineSettings, "runtime">,
  use: (db: Database, tempDir: string) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  // Loaded only here: most plans need no SQL.
  const { withDatabase } = await import("../tables/database.ts");
  return withTemporaryFolder(purpose, (tempDir) => {
    const options = { ...runtimeOf({ runtime }), tempDir, ...(signal && { signal }) };
    return withDatabase(options, (db) => use(db, tempDir));
  });
}
