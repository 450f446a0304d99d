/** The limiter's clock; tests use one that does not wait. */
export interface Clock {
  /** Milliseconds since some fixed moment; never goes back. */
  readonly now: () => number;
  /** Calls back once, later. @returns Cancels the call */
  readonly after: (delayMs: number, wake: () => void) => () => void;
}

/** The machine's monotonic clock. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after: (delayMs, wake) => {
    const timer = setTimeout(wake, delayMs);
    return () => {
      clearTimeout(timer);
    };
  },
};
