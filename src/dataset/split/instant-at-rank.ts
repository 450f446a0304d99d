import type { Database } from "../../tables/database.ts";
import { sqlFile } from "../../tables/sql-file.ts";

/** A span of time, both ends included, in microseconds since 1970; `bigint` because 2^53 microseconds end in the year 2255. */
interface Stretch {
  readonly fromUs: bigint;
  readonly untilUs: bigint;
}

/** Most slots a span is divided into. */
const slots = 4096n;

/** Events few enough to sort. */
const fewEvents = 1_000_000;

/**
 * Finds the instant of the event with a given rank in order of time, in `interactions(ts)`. Same result as `quantile_disc`, which would
 * keep every timestamp in memory.
 *
 * Counts the events in equal slots of time and continues in the slot that contains the rank, until it has few events or is one
 * microsecond long: two passes, unless events are crowded.
 *
 * @param span - From the first to the last instant in the data
 * @param rank - From 1 to the number of events
 */
export async function instantAtRank(db: Database, span: Stretch, rank: number): Promise<bigint> {
  const { fromUs, untilUs } = span;
  const widthUs = (untilUs - fromUs) / slots + 1n;
  const params = { ...paramsOf(span), width_us: String(widthUs), rank };
  const [found] = await db.rows(sqlFile("cuts/slot_at_rank"), params);
  if (found === undefined) throw new Error(`internal: no event of rank ${rank}`);
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
