import { setImmediate } from "node:timers/promises";

export interface PacerOptions {
  readonly signal: AbortSignal;
  /** Milliseconds that never go back. */
  readonly now: () => number;
  /** Milliseconds between two turns of the event loop. Default 50. */
  readonly breathMs?: number;
  /** Milliseconds between two reports. Default 200. */
  readonly reportMs?: number;
  readonly report: () => void;
}

/**
 * To be awaited between steps that block their thread: throws when aborted, reports from time to time, and lets the event loop
 * turn now and then, without which neither an abort nor a message would ever arrive.
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
