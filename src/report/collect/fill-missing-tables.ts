import type { Database } from "../../tables/database.ts";
import { mountTables } from "../../tables/mount-tables.ts";
import { quoteName } from "../../tables/quote.ts";

/** The tables a report reads, by the stage that fills them, in the order of the stages. */
const tablesOfStage: Readonly<Record<string, readonly string[]>> = {
  ingest: ["interactions", "items", "users", "ingest_counts"],
  samples: ["timeline", "samples", "audits"],
  contexts: ["user_contexts", "item_contexts"],
  knowledge: ["user_knowledge", "item_knowledge", "requests"],
  encode: ["user_embeddings", "item_embeddings"],
  train: ["training_log", "results", "slices", "selections", "comparisons"],
};

/**
 * Makes every table of a report readable: those that a run does not have yet become empty views in `db`.
 *
 * @returns The stages after the last that has filled a table
 */
export async function fillMissingTables(db: Database): Promise<readonly string[]> {
  const rows = await db.rows("select table_name from information_schema.tables");
  const present = new Set(rows.map((row) => row["table_name"]));
  const stages = Object.keys(tablesOfStage);
  let filled = 0;
  for (const [index, tables] of Object.values(tablesOfStage).entries()) {
    for (const table of tables) {
      if (!present.has(table)) await mountTables(db, { [table]: [] }, "");
      const found = await db.rows(`select 1 from ${quoteName(table)} limit 1`);
      if (found.length > 0) filled = index + 1;
    }
  }
  return stages.slice(filled);
}
