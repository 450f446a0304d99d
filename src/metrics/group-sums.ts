/** Sums of a per-row score by group, to compute means with weights per group without another pass over the rows. */
export interface GroupSums {
  /** Sum of the rows' values, shape `[groups]`. */
  readonly sums: Float64Array;
  /** Number of rows, shape `[groups]`. */
  readonly rows: Float64Array;
}

/**
 * Sums values by group.
 *
 * @param values - Shape `[rows]`
 * @param groups - Group of each row, 0 to `count` - 1; shape `[rows]`
 * @param count - Number of groups
 */
export function sumByGroup(
  values: ArrayLike<number>,
  groups: ArrayLike<number>,
  count: number,
): GroupSums {
  const sums = new Float64Array(count);
  const rows = new Float64Array(count);
  for (let row = 0; row < groups.length; row++) {
    const group = groups[row] ?? 0;
    sums[group] = (sums[group] ?? 0) + (values[row] ?? 0);
    rows[group] = (rows[group] ?? 0) + 1;
  }
  return { sums, rows };
}

/**
 * Mean over the rows, each with the weight of its group.
 *
 * @param weights - Shape `[groups]`, >= 0
 * @returns null if no row has weight
 */
export function weightedMean({ sums, rows }: GroupSums, weights: Float64Array): number | null {
  let total = 0;
  let count = 0;
  for (let group = 0; group < weights.length; group++) {
    const weight = weights[group] ?? 0;
    total += weight * (sums[group] ?? 0);
    count += weight * (rows[group] ?? 0);
  }
  return count === 0 ? null : total / count;
}
