interface BatchLimits {
  /** Most tokens a batch may hold, padding included. */
  readonly batchTokens: number;
  /** Most that the squares of a batch's lengths may add up to, padding included: attention takes memory in their proportion. Default any. */
  readonly batchSquares?: number;
}

/**
 * Groups sequences of like length, so that little of a batch is padding and no batch outgrows the memory. A sequence beyond the limits
 * is a batch of its own.
 *
 * @param lengths - tokens of each sequence
 * @returns Positions in `lengths`, batch by batch, longest first; each batch starts with its longest sequence
 */
export function planBatches(
  lengths: readonly number[],
  { batchTokens, batchSquares = Number.POSITIVE_INFINITY }: BatchLimits,
): readonly (readonly number[])[] {
  const lengthOf = (position: number): number => lengths[position] ?? 0;
  const longestFirst = lengths.map((_, position) => position);
  longestFirst.sort((a, b) => lengthOf(b) - lengthOf(a) || a - b);

  const batches: number[][] = [];
  let batch: number[] = [];
  for (const position of longestFirst) {
    const longest = lengthOf(batch[0] ?? position);
    const tokens = (batch.length + 1) * longest;
    if (batch.length > 0 && (tokens > batchTokens || tokens * longest > batchSquares)) {
      batches.push(batch);
      batch = [];
    }
    batch.push(position);
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}
