/** A figure that is a mean over rows, summed up by user so that users can be weighed without going through the rows again. */
export interface UserSums {
  /** Of the rows' values, shape `[users]`. */
  readonly sums: Float64Array;
  /** Shape `[users]`. */
  readonly rows: Float64Array;
}

/**
 * Sums values by user.
 *
 * @param values - Shape `[rows]`
 * @param groups - The user of each row, 0 to `users` - 1; shape `[rows]`
 */
export function sumByUser(values: Float64Array, groups: Int32Array, users: number): UserSums {
  const sums = new Float64Array(users);
  const rows = new Float64Array(users);
  for (const [row, user] of groups.entries()) {
    sums[user] = (sums[user] ?? 0) + (values[row] ?? 0);
    rows[user] = (rows[user] ?? 0) + 1;
  }
  return { sums, rows };
}

/**
 * Mean over the rows, each with the weight of its user.
 *
 * @param weights - Shape `[users]`, >= 0
 * @returns null when no row has weight
 */
export function weightedMean({ sums, rows }: UserSums, weights: Float64Array): number | null {
  let total = 0;
  let count = 0;
  for (let user = 0; user < weights.length; user++) {
    const weight = weights[user] ?? 0;
    total += weight * (sums[user] ?? 0);
    count += weight * (rows[user] ?? 0);
  }
  return count === 0 ? null : total / count;
}
