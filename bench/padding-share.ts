import { planBatches } from "../src/encode/model/plan-batches.ts";

/** Share of padding in what is encoded, for texts of these lengths in batches of that many tokens. */
export function paddingShare(lengths: readonly number[], batchTokens: number): number {
  const padded = planBatches(lengths, { batchTokens }).reduce(
    (sum, batch) => sum + batch.length * (lengths[batch[0] ?? 0] ?? 0),
    0,
  );
  return 1 - lengths.reduce((sum, length) => sum + length, 0) / padded;
}
