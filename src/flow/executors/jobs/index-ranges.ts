import { FlowError } from "../../../base/errors.ts";

/**
 * The indices that a text such as `7`, `0-4` or `0-2,5` names, in rising order and each once; none for an empty text.
 *
 * @throws `CONFIG_INVALID` for anything else
 */
export function parseIndices(text: string): readonly number[] {
  if (text === "") return [];
  const indices = text.split(",").flatMap((piece) => {
    const [, first = "", last = first] = /^(\d+)(?:-(\d+))?$/.exec(piece.trim()) ?? [];
    const [from, to] = [Number(first), Number(last)];
    if (first === "" || to < from) {
      throw new FlowError(
        "CONFIG_INVALID",
        `${JSON.stringify(text)} names no tasks: write 7, 0-4 or 0-2,5`,
      );
    }
    return Array.from({ length: to - from + 1 }, (_, place) => from + place);
  });
  return [...new Set(indices)].sort((a, b) => a - b);
}

/** Indices in rising order as {@link parseIndices} reads them. */
export function formatIndices(indices: readonly number[]): string {
  const runs: { first: number; last: number }[] = [];
  for (const index of indices) {
    const run = runs.at(-1);
    if (run?.last === index - 1) run.last = index;
    else runs.push({ first: index, last: index });
  }
  return runs
    .map(({ first, last }) => (first === last ? String(first) : `${first}-${last}`))
    .join();
}

/**
 * The one of some indices that a job of an array is for, when all that it knows is its own number.
 *
 * @param indices - Of the whole array, in rising order
 * @param nth - The job's number as text, counted from 0
 * @throws `CONFIG_INVALID` where it is no number or there are not so many
 */
export function nthIndex(indices: readonly number[], nth: string): number {
  const index = /^\d+$/.test(nth) ? indices[Number(nth)] : undefined;
  if (index !== undefined) return index;
  throw new FlowError(
    "CONFIG_INVALID",
    `--nth ${JSON.stringify(nth)}: --index names ${indices.length} tasks, so it is a number from 0 to ${indices.length - 1}; give the array ` +
      "as many jobs, and leave it to the scheduler to fill the number in",
  );
}
