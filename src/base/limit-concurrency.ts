import { allEnded } from "./all-ended.ts";

/**
 * The results of jobs in their order, of which a few are under way at a time. After a failure no further job is begun; it is thrown
 * when those that were begun have ended, as by {@link allEnded}.
 *
 * @param most - Jobs under way at a time; below 1 counts as 1
 */
export async function fewAtATime<T>(
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
  await allEnded(Array.from({ length: Math.max(1, Math.min(most, jobs.length)) }, work));
  return results;
}
