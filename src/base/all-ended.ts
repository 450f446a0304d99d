/**
 * The results of work that runs side by side, in its order.
 *
 * A failure, the first in that order, is thrown only when all of it has ended: whoever then closes the database or removes the files
 * of a failed task finds nobody reading or writing.
 */
export async function allEnded<T extends readonly unknown[] | []>(
  work: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(work);
  return Promise.all(work);
}
