import { catalogOf, readStageManifests } from "../../src/flow/stage-manifest.ts";
import { type Row, withDatabase } from "../../src/tables/database.ts";
import { mountTables } from "../../src/tables/mount-tables.ts";

/** Columns that say how an answer was fetched, not what it is. */
const fetching = "latency_ms, attempts, is_cached, prompt_tokens, completion_tokens, cached_tokens";

/** Rows of the knowledge tables of a run, and of requests without {@link fetching}, in order. */
export async function knowledgeIn(
  runDir: string,
  tempDir: string,
): Promise<Readonly<Record<string, readonly Row[]>>> {
  return withDatabase({ threads: 1, memoryMb: 512, tempDir }, async (db) => {
    await mountTables(db, catalogOf(await readStageManifests(runDir)), runDir);
    return {
      user: await db.rows("select * from user_knowledge order by all"),
      item: await db.rows("select * from item_knowledge order by all"),
      requests: await db.rows(`select * exclude (${fetching}) from requests order by all`),
    };
  });
}
