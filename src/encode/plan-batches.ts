/**
 * Groups sequences of like length, so that little of a batch is padding and no batch outgrows the memory.
 *
 * @param lengths - tokens of each sequence
 * @param batchTokens - most tokens a batch may hold, padding included; a longer sequence is a batch of its own
 * @returns Positions in `lengths`, batch by batch, longest first; each batch starts with its longest sequence
 */
export function planBatches(
  lengths: readonly number[],
  batchTokens: number,
): readonly (readonly number[])[] {
  const lengthOf = (position: number): number => lengths[position] ?? 0;
  const longestFirst = lengths.map((_, position) => position);
  longestFirst.sort((a, b) => lengthOf(b) - lengthOf(a) || a - b);

  const batches: number[][] = [];
  let batch: number[] = [];
  for (const position of longestFirst) {
    const longest = lengthOf(batch[0] ?? position);
    if (batch.length > 0 && (batch.length + 1) * longest > batchTokens) {
      batches.push(batch);
      batch = [];
    }
    batch.push(position);
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}
