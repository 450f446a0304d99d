/**
 * The results of concurrent work, in order, as from `Promise.all`.
 *
 * Unlike `Promise.all` it throws the first failure, in that order, only after all work has settled: the caller can then close the
 * database or delete the files of a failed task, and nobody still reads or writes them.
 */
export async function waitForAll<T extends readonly unknown[] | []>(
  work: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(work);
  return Promise.all(work);
}
