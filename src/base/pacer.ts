import { setImmediate } from "node:timers/promises";

export interface PacerOptions {
  readonly signal: AbortSignal;
  /** A monotonic clock, ms. */
  readonly now: () => number;
  /** How often the event loop gets a turn, ms. Default 50. */
  readonly breathMs?: number;
  /** How often progress is reported, ms. Default 200. */
  readonly reportMs?: number;
  readonly report: () => void;
}

/**
 * Makes a function to await between steps that block the thread. It throws when aborted, reports progress, and yields to the event
 * loop, without which neither an abort nor a message would ever arrive.
 */
export function createPacer(options: PacerOptions): () => Promise<void> {
  const { signal, now, breathMs = 50, reportMs = 200, report } = options;
  let lastBreath = now();
  let lastReport = lastBreath;
  return async () => {
    const time = now();
    if (time - lastReport >= reportMs) {
      lastReport = time;
      report();
    }
    if (time - lastBreath >= breathMs) {
      await setImmediate();
      lastBreath = now();
    }
    signal.throwIfAborted();
  };
}
