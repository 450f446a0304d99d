import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
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
  const tempDir = await mkdtemp(join(tmpdir(), `r4ec-${purpose}-`));
  try {
    const options = { ...runtimeOf({ runtime }), tempDir, ...(signal && { signal }) };
    return await withDatabase(options, (db) => use(db, tempDir));
  } finally {
    await rm(tempDir, { recursive: true, force: true });
  }
}
