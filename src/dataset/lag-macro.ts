import type { Database } from "../tables/database.ts";
import type { Protocol } from "./settings.ts";

/**
 * Defines the macros of `samples/samples`.
 *
 * `lags(x, is_first)`: x at the `history` rows before this one, oldest first, as a list of that length; null unless `is_first`.
 * `taken_over(x)`: the last x that is not null, up to this row.
 *
 * Only under leakfree do the rows of one instant share a history. Elsewhere every row looks back for itself, `is_first` is not asked
 * and there is nothing to take over.
 *
 * Of a table in order, DuckDB streams `lag` without gathering its rows by user: half the time of a windowed `list` on ML-1M with
 * histories of 5. An offset must be a constant, so the macro spells out each.
 *
 * @param history - Events a history holds at most
 */
export async function defineLags(db: Database, history: number, protocol: Protocol): Promise<void> {
  const lags = Array.from({ length: history }, (_, k) => `lag(x, ${history - k}) over ()`);
  const areTiesShared = protocol === "leakfree";
  const list = `[${lags.join(", ")}]`;
  await db.run("set preserve_insertion_order = true");
  await db.run(
    `create or replace macro lags(x, is_first) as ${areTiesShared ? `if(is_first, ${list}, null)` : list}`,
  );
  await db.run(
    `create or replace macro taken_over(x) as ${
      areTiesShared
        ? "last_value(x ignore nulls) over (rows between unbounded preceding and current row)"
        : "x"
    }`,
  );
}
