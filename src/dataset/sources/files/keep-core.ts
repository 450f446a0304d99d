import type { Database } from "../../../tables/database.ts";
import { sqlFile } from "../../../tables/sql-file.ts";

export interface CoreSizes {
  /** Minimum number of events per user. */
  readonly users: number;
  /** Minimum number of events per item. */
  readonly items: number;
}

/** Why a round dropped events; rounds count from 0. */
export function coreRound(k: number): string {
  return `round ${k + 1}`;
}

/**
 * Drops users and items of `source_events` with too few events, repeatedly, until every remaining user and item has enough remaining
 * events: the tables `core_users` and `core_items`. Memory grows with users and items, not with events.
 *
 * @param rows - Number of events
 * @returns Events dropped in each round, for rounds that dropped any
 */
export async function keepCore(
  db: Database,
  { users, items }: CoreSizes,
  rows: number,
): Promise<readonly number[]> {
  const rounds: number[] = [];
  await db.run("create or replace table core_items as select distinct item_id from source_events");
  for (let left = rows; ;) {
    const makeUsers = `create or replace table core_users as ${sqlFile("source/core_users")}`;
    await db.run(makeUsers, { least: users });
    const next = `create or replace table next_items as ${sqlFile("source/core_items")}`;
    await db.run(next, { least: items });
    await db.run("create or replace table core_items as select * from next_items");
    const [counted] = await db.rows(
      `select count(*) as rows from (\n${sqlFile("source/core_events")}\n)`,
    );
    const now = Number(counted?.["rows"]);
    if (now === left) break;
    rounds.push(left - now);
    left = now;
  }
  await db.run("drop table if exists next_items");
  return rounds;
}
