/** @file Rows in order of score, from which every form of AUC is computed. */

const RADIX_BITS = 11;
const BUCKETS = 1 << RADIX_BITS;

/**
 * Row numbers in ascending order of score; stable. Radix sort, O(n).
 *
 * @param scores - Shape `[n]`, no NaN
 * @returns Shape `[n]`
 */
export function ascendingOrder(scores: Float32Array): Int32Array {
  const bits = new Int32Array(scores.slice().buffer);
  // The bits of a float sort like an unsigned integer once negatives are inverted and the sign of the others is set.
  const keys = new Uint32Array(bits.map((bit) => bit ^ ((bit >> 31) | 0x80000000)).buffer);
  let order = bits.map((_bit, position) => position);
  let sorted = new Int32Array(order.length);
  for (let shift = 0; shift < 32; shift += RADIX_BITS) {
    const starts = new Int32Array(BUCKETS + 1);
    for (const key of keys) {
      const bucket = (key >>> shift) & (BUCKETS - 1);
      starts[bucket + 1] = (starts[bucket + 1] ?? 0) + 1;
    }
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      starts[bucket + 1] = (starts[bucket + 1] ?? 0) + (starts[bucket] ?? 0);
    }
    for (const position of order) {
      const bucket = ((keys[position] ?? 0) >>> shift) & (BUCKETS - 1);
      const place = starts[bucket] ?? 0;
      sorted[place] = position;
      starts[bucket] = place + 1;
    }
    [order, sorted] = [sorted, order];
  }
  return order;
}

/**
 * Rows by ascending score, packed for {@link weightedAuc}: `group << 2 | label << 1 | isLastOfItsTies`.
 * Weights are given per group (user).
 */
export type Ranking = Int32Array;

/**
 * Ranks rows by score.
 *
 * @param scores - Shape `[n]`, no NaN
 * @param labels - Shape `[n]`, 0 or 1
 * @param groups - Shape `[n]`, 0 to 2^29; default 0 for all rows
 */
export function rankRows(
  scores: Float32Array,
  labels: ArrayLike<number>,
  groups?: ArrayLike<number>,
): Ranking {
  const order = ascendingOrder(scores);
  return order.map((position, rank) => {
    const next = order[rank + 1];
    const isLastOfTies = next === undefined || scores[next] !== scores[position];
    const label = labels[position] === 1 ? 2 : 0;
    return ((groups?.[position] ?? 0) << 2) | label | (isLastOfTies ? 1 : 0);
  });
}

/**
 * Area under the ROC curve with a weight per group: the weighted share of (positive, negative) pairs in which the positive scores
 * higher; pairs with equal scores count half. One pass; exact for integer weights while (sum of weights)² < 2^53.
 *
 * @param weights - Shape `[groups]`, >= 0
 * @returns 0 to 1, or null if one class has no weight
 */
export function weightedAuc(ranking: Ranking, weights: Float64Array): number | null {
  let positives = 0;
  let negatives = 0;
  let tiedPositives = 0;
  let tiedNegatives = 0;
  let area = 0;
  for (let rank = 0; rank < ranking.length; rank++) {
    const code = ranking[rank] ?? 0;
    const weight = weights[code >>> 2] ?? 0;
    const positive = weight * ((code >>> 1) & 1); // a branch on a random label would be mispredicted half the time
    tiedPositives += positive;
    tiedNegatives += weight - positive;
    if ((code & 1) === 1) {
      area += tiedPositives * (negatives + tiedNegatives / 2);
      positives += tiedPositives;
      negatives += tiedNegatives;
      tiedPositives = 0;
      tiedNegatives = 0;
    }
  }
  return positives === 0 || negatives === 0 ? null : area / (positives * negatives);
}
