/** A rate a minute. What goes over it is owed and paid off by waiting, so any one taking may be larger than the bucket. */
export interface RateBucket {
  /** Milliseconds until the next taking; 0 for now. */
  readonly waitMs: (nowMs: number) => number;
  readonly take: (amount: number) => void;
  /** Gives back what was taken and not used; a negative amount takes more. */
  readonly give: (amount: number) => void;
}

const minuteMs = 60_000;
const burstMs = 1000;

/**
 * A token bucket that holds one second's worth, at least 1, and starts full: over any stretch no more is taken than the
 * rate allows, one second's worth and the last taking.
 *
 * @param perMinute - above 0
 */
export function createRateBucket(perMinute: number, startMs: number): RateBucket {
  const perMs = perMinute / minuteMs;
  const most = Math.max(1, perMs * burstMs);
  let level = most;
  let filledMs = startMs;
  return {
    waitMs: (nowMs) => {
      level = Math.min(most, level + (nowMs - filledMs) * perMs);
      filledMs = nowMs;
      return level >= 1 ? 0 : Math.max(1, Math.ceil((1 - level) / perMs));
    },
    take: (amount) => {
      level -= amount;
    },
    give: (amount) => {
      level = Math.min(most, level + amount);
    },
  };
}
