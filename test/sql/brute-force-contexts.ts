/** @file What the actor reads, in plain loops, straight from the rules: what the SQL is compared with. */
import { createHash } from "node:crypto";
import type { LogEvent, PlacedEvent } from "./brute-force-split.ts";

const isScored = ({ role }: PlacedEvent): boolean => ["train", "valid", "test"].includes(role);

/** Of every user who has samples the first events, oldest first. */
export function bruteForceUserContexts(placed: readonly PlacedEvent[]) {
  const users = [...new Set(placed.filter(isScored).map(({ user }) => user))];
  return users.flatMap((user) => {
    const shown = placed.filter((event) => event.user === user && event.role === "context");
    if (shown.length === 0) return [];
    return {
      user,
      lastSecond: Math.max(...shown.map(({ second }) => second)),
      ...historyOf(shown),
    };
  });
}

/** Of an item the training event that liked it, or disliked it, whose md5 is the smallest, and what its user rated before. */
export function bruteForceItemSide(
  placed: readonly PlacedEvent[],
  item: number,
  { isLiked, seed }: { readonly isLiked: boolean; readonly seed: number },
) {
  const candidates = placed.filter(
    (event) => event.role === "train" && event.item === item && event.rating > 3 === isLiked,
  );
  const drawn = candidates
    .map((event) => ({ event, draw: drawOf(event, seed) }))
    .sort((a, b) => (a.draw < b.draw ? -1 : 1))[0]?.event;
  return drawn === undefined
    ? { user: null, second: null, items: [], ratings: [] }
    : { user: drawn.user, second: drawn.second, ...historyOf(drawn.before) };
}

/** The last eight bytes of an md5, as a little-endian number. */
function drawOf({ item, user, rn }: PlacedEvent, seed: number): bigint {
  return createHash("md5").update(`${seed}:${item}:${user}:${rn}`).digest().readBigUInt64LE(8);
}

function historyOf(events: readonly LogEvent[]) {
  return { items: events.map(({ item }) => item), ratings: events.map(({ rating }) => rating) };
}
