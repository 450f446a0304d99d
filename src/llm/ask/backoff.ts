const baseMs = 500;
const mostMs = 30_000;

/** Milliseconds to wait after the n-th failure in a row, from 1: half a second, doubled each time, at most half a minute. */
export function backoffMs(failures: number): number {
  return Math.min(mostMs, baseMs * 2 ** (failures - 1));
}

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
export function jitter(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
