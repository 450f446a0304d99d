/** @file Quality of scores. All rows count equally, whatever their weight in training, so that results are comparable. */
import { ascendingOrder } from "./ranking.ts";

/** Probabilities are clipped to this distance from 0 and 1, so that a certain mistake costs 16.1 nats instead of infinity. */
export const LOGLOSS_CLIP = 1e-7;

/**
 * Area under the ROC curve, exact; a positive and a negative with equal scores count half. Needs 4 bytes of memory per row, because
 * there may be tens of millions.
 *
 * @param scores - Shape `[n]`, no NaN
 * @param labels - Shape `[n]`, 0 or 1
 * @returns 0 to 1, or null if all labels are equal (also for n = 0)
 */
export function auc(scores: Float32Array, labels: ArrayLike<number>): number | null {
  const { positives, negatives } = sortedByLabel(scores, labels);
  if (positives.length === 0 || negatives.length === 0) return null;
  let pairs = 0;
  let below = 0; // negatives that score lower
  let upTo = 0; // negatives that score lower or equal
  for (const score of positives) {
    while (below < negatives.length && (negatives[below] ?? 0) < score) below++;
    upTo = Math.max(upTo, below);
    while (upTo < negatives.length && (negatives[upTo] ?? 0) <= score) upTo++;
    pairs += (below + upTo) / 2;
  }
  return pairs / (positives.length * negatives.length);
}

/** The scores of each class, ascending. */
function sortedByLabel(
  scores: Float32Array,
  labels: ArrayLike<number>,
): { readonly positives: Float32Array; readonly negatives: Float32Array } {
  let count = 0;
  for (let row = 0; row < scores.length; row++) count += labels[row] === 1 ? 1 : 0;
  const positives = new Float32Array(count);
  const negatives = new Float32Array(scores.length - count);
  let [positive, negative] = [0, 0];
  for (let row = 0; row < scores.length; row++) {
    if (labels[row] === 1) positives[positive++] = scores[row] ?? 0;
    else negatives[negative++] = scores[row] ?? 0;
  }
  return { positives: positives.sort(), negatives: negatives.sort() };
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
  for (let row = 0; row < probabilities.length; row++) sum += rowLoss(probabilities, labels, row);
  return sum / probabilities.length;
}

/**
 * Binary cross-entropy of each row, nats; {@link logLoss} is its mean.
 *
 * @param probabilities - Shape `[n]`, 0 to 1, no NaN
 * @param labels - Shape `[n]`, 0 or 1
 * @returns Shape `[n]`, >= 0
 */
export function rowLosses(probabilities: Float32Array, labels: ArrayLike<number>): Float64Array {
  const losses = new Float64Array(probabilities.length);
  for (let row = 0; row < losses.length; row++) losses[row] = rowLoss(probabilities, labels, row);
  return losses;
}

function rowLoss(probabilities: Float32Array, labels: ArrayLike<number>, row: number): number {
  const clipped = Math.min(Math.max(probabilities[row] ?? 0, LOGLOSS_CLIP), 1 - LOGLOSS_CLIP);
  return -Math.log(labels[row] === 1 ? clipped : 1 - clipped);
}

/** Counts of {@link gauc} over a user's rows so far, in ascending order of score. */
interface UserTally {
  score: number;
  tiedPositives: number;
  tiedNegatives: number;
  positives: number;
  negatives: number;
  /** Pairs in the right order; ties count half. */
  pairs: number;
}

/**
 * AUC within each user, averaged with the user's number of rows as weight (Zhou et al., "Deep Interest Network for Click-Through Rate
 * Prediction", 2018, equation 6): how well a model ranks the items of one user. Users whose labels are all equal have no AUC and are
 * skipped.
 *
 * @param scores - Shape `[n]`, no NaN
 * @param labels - Shape `[n]`, 0 or 1
 * @param users - Shape `[n]`, any integers, in any order
 * @returns 0 to 1, or null if no user has rows of both classes
 */
export function gauc(
  scores: Float32Array,
  labels: ArrayLike<number>,
  users: ArrayLike<number>,
): number | null {
  const tallies = new Map<number, UserTally>();
  for (const row of ascendingOrder(scores)) {
    const user = users[row] ?? 0;
    const score = scores[row] ?? 0;
    let tally = tallies.get(user);
    if (tally === undefined) {
      tally = { score, tiedPositives: 0, tiedNegatives: 0, positives: 0, negatives: 0, pairs: 0 };
      tallies.set(user, tally);
    } else if (tally.score !== score) {
      closeTies(tally);
      tally.score = score;
    }
    if (labels[row] === 1) tally.tiedPositives++;
    else tally.tiedNegatives++;
  }
  let [sum, rows] = [0, 0];
  for (const tally of tallies.values()) {
    closeTies(tally);
    const { positives, negatives, pairs } = tally;
    if (positives === 0 || negatives === 0) continue;
    sum += (positives + negatives) * (pairs / (positives * negatives));
    rows += positives + negatives;
  }
  return rows === 0 ? null : sum / rows;
}

function closeTies(tally: UserTally): void {
  tally.pairs += tally.tiedPositives * (tally.negatives + tally.tiedNegatives / 2);
  tally.positives += tally.tiedPositives;
  tally.negatives += tally.tiedNegatives;
  tally.tiedPositives = 0;
  tally.tiedNegatives = 0;
}

/** Number of bins of {@link expectedCalibrationError}. */
const CALIBRATION_BINS = 15;

/**
 * Expected calibration error: rows are divided by probability into 15 bins of equal width, `((m - 1) / 15, m / 15]`; the error is the
 * mean over rows of |share of label 1 - mean probability| in the row's bin (Guo et al., "On Calibration of Modern Neural Networks", 2017,
 * equation 3, with the probability of label 1 as the confidence).
 *
 * @param probabilities - Shape `[n]`, 0 to 1, no NaN
 * @param labels - Shape `[n]`, 0 or 1
 * @returns 0 to 1, or null for n = 0
 */
export function expectedCalibrationError(
  probabilities: Float32Array,
  labels: ArrayLike<number>,
): number | null {
  if (probabilities.length === 0) return null;
  const excess = new Float64Array(CALIBRATION_BINS); // labels minus probabilities
  for (let row = 0; row < probabilities.length; row++) {
    const probability = probabilities[row] ?? 0;
    const bin = Math.max(0, Math.ceil(probability * CALIBRATION_BINS) - 1);
    excess[bin] = (excess[bin] ?? 0) + (labels[row] === 1 ? 1 : 0) - probability;
  }
  return excess.reduce((sum, value) => sum + Math.abs(value), 0) / probabilities.length;
}

/** Mean and sample standard deviation (n - 1). The deviation is null for fewer than two values. */
export function meanAndSd(values: readonly number[]): { mean: number; sd: number | null } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (values.length < 2) return { mean, sd: null };
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, sd: Math.sqrt(squares / (values.length - 1)) };
}
