import { stageBatches } from "../../../tables/stage-batches.ts";
import { batchFromRows } from "../../../tables/batch-from-rows.ts";
import type { QuickstartSettings } from "./settings.ts";
import { loadQuickstart } from "./quickstart.ts";
import type { Database } from "../../../tables/database.ts";
import type { SourceRows } from "../source.ts";

const batchRows = 8192;

/** Loads the film catalogue and its simulated viewers. */
export async function loadSimulated(
  db: Database,
  settings: Pick<QuickstartSettings, "viewers" | "seed">,
): Promise<SourceRows> {
  const { items, users, interactions } = await loadQuickstart(settings);
  const { userId, itemId, rating, tsSeconds } = interactions;
  const itemRows = items.map((item) => ({
    item_id: item.itemId,
    title: item.title,
    year: item.year,
    attributes: item.attributes,
  }));
  const userRows = users.map((user) => ({ user_id: user.userId, attributes: user.attributes }));
  function* ratingBatches() {
    for (let start = 0; start < userId.length; start += batchRows) {
      const rows = Math.min(batchRows, userId.length - start);
      yield batchFromRows(
        "interactions",
        Array.from({ length: rows }, (_, row) => ({
          user_id: userId[start + row],
          item_id: itemId[start + row],
          rating: rating[start + row],
          ts: new Date((tsSeconds[start + row] ?? 0) * 1000),
          file_row: start + row,
        })),
      );
    }
  }
  await stageBatches(db, "items", "source_items", [batchFromRows("items", itemRows)]);
  await stageBatches(db, "users", "source_users", [batchFromRows("users", userRows)]);
  await stageBatches(db, "interactions", "source_interactions", ratingBatches());
  return { name: "the simulated viewers", firstLine: 0 };
}
