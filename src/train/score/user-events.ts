import { unlimitedMemory } from "../../base/memory-budget.ts";
import type { Database } from "../../tables/database.ts";
import { readBatches } from "../../tables/read-batches.ts";
import { sqlFile } from "../../tables/sql-file.ts";
import { float32Column, float64Column, int32Column } from "../../tables/arrow-columns.ts";
import { createDenseIndex, type DenseIndex } from "../data/dense-index.ts";

/** All users' events, grouped by user and ordered by time. `n` = events. */
export interface UserEvents {
  /** Index of user ids. */
  readonly users: DenseIndex;
  /** Item ids. Shape `[n]`. */
  readonly items: Int32Array;
  /** Stars. Shape `[n]`. */
  readonly ratings: Float32Array;
  /**
   * The range of a user's events before a time, `end` excluded.
   *
   * @param beforeUs - Microseconds since 1970; Infinity = all events
   */
  readonly before: (userId: number, beforeUs: number) => { start: number; end: number };
}

/** Item and rating of four bytes, time of eight. */
const bytesPerEvent = 16;

/** Loads the view `timeline`. */
export async function loadUserEvents(db: Database, budget = unlimitedMemory): Promise<UserEvents> {
  const [count] = await db.rows("select count(*) as events from timeline");
  const events = Number(count?.["events"]);
  budget.take({ what: "the users' events", bytes: bytesPerEvent * events });
  const items = new Int32Array(events);
  const ratings = new Float32Array(events);
  const times = new Float64Array(events);
  const ids: number[] = [];
  const starts: number[] = [];
  let filled = 0;
  for await (const batch of readBatches(db, sqlFile("score/events"))) {
    int32Column(batch, "user_id").forEach((user, row) => {
      if (user === ids.at(-1)) return;
      ids.push(user);
      starts.push(filled + row);
    });
    items.set(int32Column(batch, "item_id"), filled);
    ratings.set(float32Column(batch, "rating"), filled);
    times.set(float64Column(batch, "time_us"), filled);
    filled += batch.numRows;
  }
  const users = createDenseIndex(Int32Array.from(ids));
  return {
    users,
    items,
    ratings,
    before: (userId, beforeUs) => {
      const user = users.get(userId);
      const start = starts[user - 1] ?? 0;
      let [low, high] = [start, user === 0 ? 0 : (starts[user] ?? events)];
      while (low < high) {
        const middle = (low + high) >>> 1;
        if ((times[middle] ?? 0) < beforeUs) low = middle + 1;
        else high = middle;
      }
      return { start, end: low };
    },
  };
}
