/** How a request ended, as far as its endpoint's health is concerned. */
export type Outcome =
  /** The endpoint responded, even with a refusal. */
  | "up"
  /** Connection lost, 5xx, timeout, an answer of an unknown shape. */
  | "down"
  /** Unknown: the caller aborted. */
  | "unknown";

/** A request in flight at an endpoint. */
export interface Turn<E> {
  readonly endpoint: E;
  /** To be called once, when the request is over. */
  readonly end: (outcome: Outcome) => void;
}

/** Endpoints that serve the same model. */
export interface Endpoints<E> {
  readonly take: () => Turn<E>;
}

const firstRestMs = 500;
const longestRestMs = 30_000;

interface Health<E> {
  readonly endpoint: E;
  inFlight: number;
  /** Requests so far, to alternate between equals. */
  given: number;
  /** Whether it has responded in a way that is understood. */
  isKnown: boolean;
  /** Failures since the last success; those during one rest count once. */
  failures: number;
  restedAt: number;
  restsUntil: number;
  /** Whether a request is probing it. */
  isTried: boolean;
}

/**
 * Gives each request the healthy endpoint with the fewest requests in flight; one that has not responded yet gets only one. A failing endpoint rests for 0.5 s, twice as long after
 * each further failure, up to 30 s, and is then probed by one request; a response clears it. When all rest, the one due first is used.
 *
 * @param now - A monotonic clock, ms
 */
export function balance<E>(
  endpoints: readonly E[],
  now: () => number = () => performance.now(),
): Endpoints<E> {
  const all = endpoints.map((endpoint): Health<E> => ({
    endpoint,
    inFlight: 0,
    given: 0,
    isKnown: false,
    failures: 0,
    restedAt: -Infinity,
    restsUntil: -Infinity,
    isTried: false,
  }));
  return {
    take: () => {
      const startedAt = now();
      const awake = all.filter((health) => health.restsUntil <= startedAt && !health.isTried);
      const health = awake.length > 0 ? least(awake, load) : least(all, due);
      const isTrial = (health.failures > 0 || !health.isKnown) && !health.isTried;
      if (isTrial) health.isTried = true;
      health.inFlight++;
      health.given++;
      return {
        endpoint: health.endpoint,
        end: (outcome) => {
          health.inFlight--;
          if (isTrial) health.isTried = false;
          if (outcome === "up") wake(health);
          if (outcome === "down" && startedAt > health.restedAt) rest(health, now());
        },
      };
    },
  };
}

const load = <E>(health: Health<E>): readonly [number, number] => [health.inFlight, health.given];
const due = <E>(health: Health<E>): readonly [number, number] => [
  health.restsUntil,
  health.inFlight,
];

function wake<E>(health: Health<E>): void {
  health.isKnown = true;
  health.failures = 0;
  health.restsUntil = -Infinity;
}

function rest<E>(health: Health<E>, atMs: number): void {
  health.restedAt = atMs;
  health.restsUntil = atMs + Math.min(firstRestMs * 2 ** health.failures, longestRestMs);
  health.failures++;
}

function least<E>(
  some: readonly Health<E>[],
  rank: (health: Health<E>) => readonly [number, number],
): Health<E> {
  const [first, ...others] = some;
  if (first === undefined) throw new Error("internal: no endpoint");
  return others.reduce((best, health) => {
    const [a, b] = rank(health);
    const [c, d] = rank(best);
    return a < c || (a === c && b < d) ? health : best;
  }, first);
}
