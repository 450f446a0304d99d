import { rankRows, weightedAuc } from "./ranking.ts";

/** Probabilities are moved this far from 0 and 1 before the logarithm, so that one certain mistake costs 16.1 nats, not infinity. */
export const LOGLOSS_CLIP = 1e-7;

/**
 * Area under the ROC curve, exact, ties averaged (a positive and a negative with equal scores count half).
 *
 * @param scores - Shape `[n]`, no NaN
 * @param labels - Shape `[n]`, 0 or 1
 * @returns 0 to 1, or null when the labels are all alike (also for n = 0)
 */
export function auc(scores: Float32Array, labels: ArrayLike<number>): number | null {
  return weightedAuc(rankRows(scores, labels), Float64Array.of(1));
}

/**
 * Mean binary cross-entropy, nats, of probabilities clipped by {@link LOGLOSS_CLIP}.
 *
 * @param probabilities - Shape `[n]`, 0 to 1, no NaN
 * @param labels - Shape `[n]`, 0 or 1
 * @returns >= 0, or null for n = 0
 */
export function logLoss(probabilities: Float32Array, labels: ArrayLike<number>): number | null {
  if (probabilities.length === 0) return null;
  let sum = 0;
  for (let row = 0; row < probabilities.length; row++) {
    const clipped = Math.min(Math.max(probabilities[row] ?? 0, LOGLOSS_CLIP), 1 - LOGLOSS_CLIP);
    sum -= Math.log(labels[row] === 1 ? clipped : 1 - clipped);
  }
  return sum / probabilities.length;
}

/** Mean and sample standard deviation (n - 1). The deviation of fewer than two values is null. */
export function meanAndSd(values: readonly number[]): { mean: number; sd: number | null } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (values.length < 2) return { mean, sd: null };
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, sd: Math.sqrt(squares / (values.length - 1)) };
}
