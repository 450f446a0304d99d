import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { catalogOf, readStageManifests } from "../../src/flow/stage-manifest.ts";
import { withDatabase, type Row } from "../../src/tables/database.ts";
import { mountTables } from "../../src/tables/mount-tables.ts";

/** What a query says of a run's complete tables. */
export async function tableRows(runDir: string, query: string): Promise<readonly Row[]> {
  const tempDir = await mkdtemp(join(tmpdir(), "r4ec-rows-"));
  try {
    return await withDatabase({ threads: 1, memoryMb: 256, tempDir }, async (db) => {
      await mountTables(db, catalogOf(await readStageManifests(runDir)), runDir);
      return db.rows(query);
    });
  } finally {
    await rm(tempDir, { recursive: true, force: true });
  }
}
