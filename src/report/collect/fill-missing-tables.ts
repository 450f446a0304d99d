import type { Database } from "../../tables/database.ts";
import { mountTables } from "../../tables/mount-tables.ts";
import { quoteName } from "../../tables/quote.ts";
import { stageOfTable, tablesByStage } from "../../tables/schemas/index.ts";

/** The tables that a report reads. */
const readTables = [
  ...["interactions", "items", "users", "ingest_counts"],
  ...["timeline", "samples", "audits", "user_contexts", "item_contexts"],
  ...["user_knowledge", "item_knowledge", "requests", "user_embeddings", "item_embeddings"],
  ...["variants", "training_log", "results", "slices", "selections", "comparisons"],
  ...["slice_comparisons"],
];

/** Tables that a report reads where a run was asked to make them. */
const askedForTables = ["construction", "adapters", "finetune_log", "finetune_eval"];

/**
 * Makes every table of a report readable: those that a run does not have yet become empty views in `db`.
 *
 * @returns The stages after the last that has filled a table
 */
export async function fillMissingTables(db: Database): Promise<readonly string[]> {
  const rows = await db.rows("select table_name from information_schema.tables");
  const present = new Set(rows.map((row) => row["table_name"]));
  const read = new Set(readTables.map(stageOfTable));
  const stages = Object.keys(tablesByStage).filter((stage) => read.has(stage));
  for (const table of askedForTables) {
    if (!present.has(table)) await mountTables(db, { [table]: [] }, "");
  }
  let filled = 0;
  for (const table of readTables) {
    if (!present.has(table)) await mountTables(db, { [table]: [] }, "");
    const found = await db.rows(`select 1 from ${quoteName(table)} limit 1`);
    if (found.length === 0) continue;
    filled = Math.max(filled, stages.findIndex((stage) => stage === stageOfTable(table)) + 1);
  }
  return stages.slice(filled);
}
