import { createRefusalShare } from "./refusal-share.ts";

/** How many requests may be in flight, adapted to how the endpoint copes. */
export interface AdaptiveWindow {
  readonly size: () => number;
  /** After an answer: allows more. */
  readonly grow: () => void;
  /** After the endpoint refused a request for now ("too many requests"). */
  readonly refuse: (sentAtMs: number, nowMs: number) => void;
  /** Whether more than half of the latest requests were refused. */
  readonly isOverloaded: () => boolean;
  /**
   * After the endpoint was too slow: halves the window, at most once per second and once per batch of requests sent together.
   *
   * @returns whether the window shrank
   */
  readonly shrink: (sentAtMs: number, nowMs: number) => boolean;
  /** Lowers the upper bound. */
  readonly bound: (most: number) => void;
}

const firstSize = 16;
const pauseMs = 1000;
const overloadedShare = 0.5;

/**
 * Starts at 16 or the bound and grows like TCP: by one per answer until it is first halved, then by one per window of answers. Never
 * below 1.
 *
 * Refusals take away their share of the bound, which comes back as they become fewer. Only when they are the rule is the window halved,
 * as for timeouts: then the endpoint's limit is what they tell of.
 */
export function createAdaptiveWindow(most: number): AdaptiveWindow {
  const refusals = createRefusalShare();
  let bound = most;
  let size = Math.min(firstSize, most);
  let hasShrunk = false;
  let shrunkAtMs = Number.NEGATIVE_INFINITY;

  const isOverloaded = (): boolean => refusals.share() > overloadedShare;
  const shrink = (sentAtMs: number, nowMs: number): boolean => {
    if (sentAtMs < shrunkAtMs || nowMs - shrunkAtMs < pauseMs) return false;
    size = Math.max(1, size / 2);
    hasShrunk = true;
    shrunkAtMs = nowMs;
    return true;
  };

  return {
    size: () => {
      const share = Math.min(refusals.share(), overloadedShare);
      return Math.max(1, Math.floor(Math.min(size, bound * (1 - share))));
    },
    grow: () => {
      refusals.note(false);
      size = Math.min(bound, size + (hasShrunk ? 1 / size : 1));
    },
    refuse: (sentAtMs, nowMs) => {
      refusals.note(true);
      if (isOverloaded()) shrink(sentAtMs, nowMs);
    },
    isOverloaded,
    shrink,
    bound: (lower) => {
      bound = Math.min(bound, lower);
      size = Math.min(size, bound);
    },
  };
}
