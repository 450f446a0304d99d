import type { Database } from "../../tables/database.ts";
import type { Protocol } from "../../base/terms.ts";

/**
 * Defines the macros with which `samples/samples` looks back in a sorted table:
 *
 * - `lags(x)`: x in the `history` rows before this one, oldest first, as a list of that length. DuckDB streams `lag` without
 *   partitioning by user: half the time of a windowed `list` on ML-1M with histories of 5. Offsets must be constants, so the macro
 *   spells out each one.
 * - `of_instant(x)`: x of the first row of the same instant where the protocol treats ties alike, else x itself.
 *
 * @param history - Maximum number of events in a history
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
