/** Look-ups of a host's name that the name server does not answer for now (EAI_AGAIN). */
export interface NameLookups {
  /** After one more. @returns Whether they have failed for too long to be called a disturbance */
  readonly failed: () => boolean;
  /** After anything else. */
  readonly worked: () => void;
}

/** A name server that is only disturbed is mostly back by then. */
const patienceMs = 15_000;
const fewestTries = 3;

/**
 * Tells a passing disturbance from a machine without a network, where the name server never answers.
 *
 * @param now - A monotonic clock, ms
 */
export function nameLookups(now: () => number = () => performance.now()): NameLookups {
  let sinceMs: number | null = null;
  let tries = 0;
  return {
    failed: () => {
      sinceMs ??= now();
      tries += 1;
      return tries >= fewestTries && now() - sinceMs >= patienceMs;
    },
    worked: () => {
      sinceMs = null;
      tries = 0;
    },
  };
}
