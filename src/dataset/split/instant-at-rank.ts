import type { Database } from "../../tables/database.ts";
import { sqlFile } from "../../tables/sql-file.ts";

/** A stretch of time, both ends included, in microseconds since 1970; `bigint` because 2^53 of them end in the year 2255. */
interface Stretch {
  readonly fromUs: bigint;
  readonly untilUs: bigint;
}

/** Slots a stretch is cut into, at most. */
const slots = 4096n;

/** Events that are few enough to be put in order. */
const fewEvents = 1_000_000;

/**
 * Finds the instant of the event that has a rank in order of time, in `interactions(ts)`; equals `quantile_disc`, which would hold
 * every timestamp.
 *
 * Counts the events of equal slots of time and goes on in the slot that the rank falls into, until it holds few events or is one
 * microsecond long: two passes, unless events crowd.
 *
 * @param span - From the first to the last instant there is
 * @param rank - From 1 to the number of events
 */
export async function instantAtRank(db: Database, span: Stretch, rank: number): Promise<bigint> {
  const { fromUs, untilUs } = span;
  const widthUs = (untilUs - fromUs) / slots + 1n;
  const params = { ...paramsOf(span), width_us: String(widthUs), rank };
  const [found] = await db.rows(sqlFile("cuts/slot_at_rank"), params);
  if (found === undefined) throw new Error(`internal: there is no event of rank ${rank}`);
  const slotFromUs = fromUs + BigInt(Number(found["slot"])) * widthUs;
  if (widthUs === 1n) return slotFromUs;
  const slot = { fromUs: slotFromUs, untilUs: slotFromUs + widthUs - 1n };
  const rankInSlot = rank - Number(found["events_before"]);
  if (Number(found["events"]) > fewEvents) return instantAtRank(db, slot, rankInSlot);
  const nth = { ...paramsOf(slot), rank: rankInSlot };
  const [instant] = await db.rows(sqlFile("cuts/nth_instant"), nth);
  return BigInt(String(instant?.["instant_us"]));
}

function paramsOf({ fromUs, untilUs }: Stretch) {
  return { from_us: String(fromUs), until_us: String(untilUs) };
}
