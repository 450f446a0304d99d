import { planBatches } from "../src/encode/model/plan-batches.ts";

/** Padding's part of what is encoded, when texts of these lengths in tokens go in batches of so many tokens. */
export function paddingShare(lengths: readonly number[], batchTokens: number): number {
  const padded = planBatches(lengths, { batchTokens }).reduce(
    (sum, batch) => sum + batch.length * (lengths[batch[0] ?? 0] ?? 0),
    0,
  );
  return 1 - lengths.reduce((sum, length) => sum + length, 0) / padded;
}
