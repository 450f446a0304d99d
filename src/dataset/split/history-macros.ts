import type { Database } from "../../tables/database.ts";
import type { Protocol } from "../../base/terms.ts";

/**
 * Defines what `samples/samples` looks back with, of a table in order:
 *
 * - `lags(x)`: x at the `history` rows before this one, oldest first, as a list of that length. DuckDB streams `lag` without
 *   gathering rows by user: half the time of a windowed `list` on ML-1M with histories of 5. An offset must be a constant, so the
 *   macro spells out each.
 * - `of_instant(x)`: what the first row of an instant has for x, where a protocol lets its ties share it; x itself elsewhere.
 *
 * @param history - Events a history holds at most
 */
export async function defineHistoryMacros(
  db: Database,
  { protocol, history }: { readonly protocol: Protocol; readonly history: number },
): Promise<void> {
  const lags = Array.from({ length: history }, (_, k) => `lag(x, ${history - k}) over ()`);
  const ofInstant =
    protocol === "leakfree"
      ? "last_value(x ignore nulls) over (rows between unbounded preceding and current row)"
      : "x";
  await db.run("set preserve_insertion_order = true");
  await db.run(`create or replace macro lags(x) as [${lags.join(", ")}]`);
  await db.run(`create or replace macro of_instant(x) as ${ofInstant}`);
}
