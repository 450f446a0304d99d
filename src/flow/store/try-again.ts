import { setTimeout as delay } from "node:timers/promises";

/** Pauses before a store is tried again, ms: about three minutes in all. */
export const storeWaits: readonly number[] = [
  500, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000, 60_000, 60_000,
];

/** How often and when work is tried again. */
export interface Trying {
  /** Pauses, ms, each cut at random by up to a half so that machines do not come back all at once. */
  readonly waits: readonly number[];
  /** After how many failures of this kind one more try is worth while: 0 for none. */
  readonly triesWorth: (error: unknown) => number;
}

/**
 * Does work until it succeeds, or fails in a way that does not pass, or has failed after every pause.
 *
 * @param work - May be done several times. Calls its argument when it has come closer to its end: failures before no longer count
 * @throws The last failure
 */
export async function tryAgain<T>(
  { waits, triesWorth }: Trying,
  work: (advance: () => void) => Promise<T>,
): Promise<T> {
  let failures = 0;
  const advance = (): void => {
    failures = 0;
  };
  for (;;) {
    try {
      return await work(advance);
    } catch (error) {
      const wait = failures < triesWorth(error) ? waits[failures] : undefined;
      if (wait === undefined) throw error;
      failures++;
      await delay(wait * (1 - Math.random() / 2));
    }
  }
}
