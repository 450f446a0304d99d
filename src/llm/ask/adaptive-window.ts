/** How many requests may be under way, learnt from how the endpoint copes. */
export interface AdaptiveWindow {
  readonly size: () => number;
  /** An answer came: room for more. */
  readonly grow: () => void;
  /**
   * The endpoint is too busy for this many: half of them, at most once a second and once for all that were sent together.
   *
   * @returns whether the window shrank
   */
  readonly shrink: (sentAtMs: number, nowMs: number) => boolean;
  /** Lowers the bound. */
  readonly bound: (most: number) => void;
}

const firstSize = 16;
const pauseMs = 1000;

/**
 * Starts at 16 or the bound, grows by one an answer until it first shrinks and from then on by one for a window's worth of
 * answers, as TCP does. Never below 1.
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
