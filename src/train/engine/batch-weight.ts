import type { Batch } from "./engine.ts";

/** Total weight of a batch's rows: their number where rows have no weights. */
export function batchWeight({ size, weights }: Pick<Batch, "size" | "weights">): number {
  if (weights === undefined) return size;
  let sum = 0;
  for (let row = 0; row < size; row++) sum += weights[row] ?? 0;
  return sum;
}
