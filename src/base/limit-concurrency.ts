import { waitForAll } from "./wait-for-all.ts";

/**
 * Runs jobs with limited concurrency and returns their results in the jobs' order. After a failure no further job starts, and the
 * error is thrown once the running jobs have settled, as by {@link waitForAll}.
 *
 * @param most - Jobs running at a time; values below 1 count as 1
 */
export async function limitConcurrency<T>(
  most: number,
  jobs: readonly (() => Promise<T>)[],
): Promise<readonly T[]> {
  const results: T[] = [];
  const waiting = jobs.entries();
  let hasFailed = false;
  const work = async (): Promise<void> => {
    for (const [place, job] of waiting) {
      if (hasFailed) return;
      try {
        results[place] = await job();
      } catch (error) {
        hasFailed = true;
        throw error;
      }
    }
  };
  await waitForAll(Array.from({ length: Math.max(1, Math.min(most, jobs.length)) }, work));
  return results;
}
