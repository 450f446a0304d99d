import type { Database } from "../tables/database.ts";
import { sqlFile } from "../tables/sql-file.ts";

/** A stretch of time, both ends included, in microseconds since 1970; `bigint` because 2^53 of them end in the year 2255. */
interface Stretch {
  readonly fromUs: bigint;
  readonly untilUs: bigint;
}

/** Slots a stretch is cut into, at most: what is held at a time. */
const slots = 65_536n;

/**
 * Finds the instant of the event that has a rank in order of time, in `interactions(ts)`; equals `quantile_disc`, which would hold
 * every timestamp.
 *
 * Counts the events of equal slots of time, goes on in the slot that the rank falls into, and ends when a slot is one microsecond:
 * three passes for data of years. What one search has counted serves the next.
 *
 * @param span - The first and the last instant there are
 * @returns A function of the rank, from 1 to the number of events
 */
export function instantFinder(db: Database, span: Stretch): (rank: number) => Promise<bigint> {
  const counted = new Map<string, Promise<ReadonlyMap<bigint, number>>>();
  const countOf = ({ fromUs, untilUs }: Stretch, widthUs: bigint) => {
    const key = `${fromUs} ${untilUs}`;
    const found = counted.get(key) ?? countSlots(db, { fromUs, untilUs }, widthUs);
    counted.set(key, found);
    return found;
  };
  return async (rank) => {
    let stretch = span;
    let before = 0;
    for (;;) {
      const widthUs = (stretch.untilUs - stretch.fromUs) / slots + 1n;
      let place: bigint | undefined;
      for (const [slot, events] of await countOf(stretch, widthUs)) {
        if (before + events >= rank) {
          place = slot;
          break;
        }
        before += events;
      }
      if (place === undefined) throw new Error(`internal: there is no event of rank ${rank}`);
      const fromUs = stretch.fromUs + place * widthUs;
      if (widthUs === 1n) return fromUs;
      stretch = { fromUs, untilUs: fromUs + widthUs - 1n };
    }
  };
}

/** Events by slot, in order of time. */
async function countSlots(
  db: Database,
  { fromUs, untilUs }: Stretch,
  widthUs: bigint,
): Promise<ReadonlyMap<bigint, number>> {
  const rows = await db.rows(sqlFile("cuts/slots"), {
    from_us: String(fromUs),
    until_us: String(untilUs),
    width_us: String(widthUs),
  });
  return new Map(rows.map(({ slot, events }) => [BigInt(Number(slot)), Number(events)]));
}
