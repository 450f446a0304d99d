import type { Batch } from "./engine.ts";

/** What the rows of a batch count together: as many as they are, where all count the same. */
export function weightOf({ size, weights }: Pick<Batch, "size" | "weights">): number {
  if (weights === undefined) return size;
  let sum = 0;
  for (let row = 0; row < size; row++) sum += weights[row] ?? 0;
  return sum;
}
