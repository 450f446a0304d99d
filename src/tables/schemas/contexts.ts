/** @file Tables of the stage contexts. */
import { historyColumns, itemId, userId } from "./columns.ts";
import { column, type TableSchema } from "./schema.ts";

/** What is known of each user and item before the scored rows. */
export const contextsTables: readonly TableSchema[] = [
  {
    name: "user_contexts",
    about: "What the actor reads: the user's first events, used for neither training nor test.",
    grain: ["user_id"],
    order: ["user_id"],
    columns: [
      userId,
      column("last_ts", "TIMESTAMP", "time of the last event shown, UTC"),
      ...historyColumns("history_", "the first items of the user"),
    ],
  },
  {
    name: "item_contexts",
    about: "One user who liked the item and one who disliked it, each with their earlier history.",
    grain: ["item_id"],
    order: ["item_id"],
    columns: [
      itemId,
      column("liker_id", "INTEGER", "user who liked it; null when nobody did in training"),
      column("liker_ts", "TIMESTAMP", "time of that event, UTC"),
      ...historyColumns("liker_", "what the liker rated before"),
      column("disliker_id", "INTEGER", "user who disliked it; null when nobody did in training"),
      column("disliker_ts", "TIMESTAMP", "time of that event, UTC"),
      ...historyColumns("disliker_", "what the disliker rated before"),
    ],
  },
];
