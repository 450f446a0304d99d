/** How many requests may be in flight, adapted to how the endpoint copes. */
export interface AdaptiveWindow {
  readonly size: () => number;
  /** After an answer: allows more. */
  readonly grow: () => void;
  /**
   * After the endpoint was too busy: halves the window, at most once per second and once per batch of requests sent together.
   *
   * @returns whether the window shrank
   */
  readonly shrink: (sentAtMs: number, nowMs: number) => boolean;
  /** Lowers the upper bound. */
  readonly bound: (most: number) => void;
}

const firstSize = 16;
const pauseMs = 1000;

/**
 * Starts at 16 or the bound and grows like TCP: by one per answer until it first shrinks, then by one per window of answers. Never
 * below 1.
 */
export function createAdaptiveWindow(most: number): AdaptiveWindow {
  let bound = most;
  let size = Math.min(firstSize, most);
  let hasShrunk = false;
  let shrunkAtMs = Number.NEGATIVE_INFINITY;
  return {
    size: () => Math.floor(size),
    grow: () => {
      size = Math.min(bound, size + (hasShrunk ? 1 / size : 1));
    },
    shrink: (sentAtMs, nowMs) => {
      if (sentAtMs < shrunkAtMs || nowMs - shrunkAtMs < pauseMs) return false;
      size = Math.max(1, size / 2);
      hasShrunk = true;
      shrunkAtMs = nowMs;
      return true;
    },
    bound: (lower) => {
      bound = Math.min(bound, lower);
      size = Math.min(size, bound);
    },
  };
}
