/** @file Paired bootstrap by user: users are drawn with replacement, each with all of its test rows. */
import { weightedAuc, type Ranking } from "./ranking.ts";
import { weightedMean, type GroupSums } from "./group-sums.ts";

/** A model's test rows as resamples weigh them; groups and users are the same in all models. */
export interface ResampledModel {
  readonly ranking: Ranking;
  /** Of the log loss. */
  readonly losses: GroupSums;
}

export interface BootstrapOptions {
  readonly models: readonly ResampledModel[];
  /** Distinct users. */
  readonly users: number;
  readonly resamples: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Called after each model of each resample, e.g. to report progress. */
  readonly afterModel?: () => Promise<void>;
}

/** What one model reached in each resample; NaN where a resample has no rows to tell it from. */
export interface ResampledScores {
  /** Shape `[resamples]`; NaN when one class has no weight. */
  readonly auc: Float64Array;
  /** Shape `[resamples]`, nats. */
  readonly logLoss: Float64Array;
}

/** Interval of a difference of means. */
export interface BootstrapInterval {
  /** 2.5 % quantile; null when no resample counts. */
  readonly low: number | null;
  /** 97.5 % quantile; null as `low`. */
  readonly high: number | null;
  /** Resamples that count: those in which every model has a figure. */
  readonly resamples: number;
}

/**
 * How often each user is drawn when as many users are drawn as there are, with replacement.
 *
 * @returns Shape `[users]`, whole numbers that sum to `users`
 */
export function drawUserWeights(users: number, random: () => number): Float64Array {
  const weights = new Float64Array(users);
  for (let draw = 0; draw < users; draw++) {
    const user = Math.floor(random() * users);
    weights[user] = (weights[user] ?? 0) + 1;
  }
  return weights;
}

/**
 * Scores every model in every resample. Each resample weighs all models alike, so what users have in common cancels out of any
 * difference between two of them; and each model is scored once a resample, however many differences it is part of.
 *
 * @returns One a model, in order; without resamples when there are fewer than two users
 */
export async function bootstrapScores(
  options: BootstrapOptions,
): Promise<readonly ResampledScores[]> {
  const { models, users, random, afterModel } = options;
  const resamples = users > 1 ? options.resamples : 0;
  const scores = models.map(() => ({
    auc: new Float64Array(resamples),
    logLoss: new Float64Array(resamples),
  }));
  for (let resample = 0; resample < resamples; resample++) {
    const weights = drawUserWeights(users, random);
    for (const [place, { ranking, losses }] of models.entries()) {
      const score = scores[place];
      if (score === undefined) continue;
      score.auc[resample] = weightedAuc(ranking, weights) ?? NaN;
      score.logLoss[resample] = weightedMean(losses, weights) ?? NaN;
      await afterModel?.();
    }
  }
  return scores;
}

/**
 * Percentile interval of mean(candidate) - mean(baseline) over the resamples.
 *
 * @param baseline - A series a seed, all of the same length
 * @param candidate - Likewise
 */
export function differenceInterval(
  baseline: readonly Float64Array[],
  candidate: readonly Float64Array[],
): BootstrapInterval {
  const [first] = baseline;
  const differences = Float64Array.from(
    { length: first?.length ?? 0 },
    (_none, resample) => meanAt(candidate, resample) - meanAt(baseline, resample),
  ).filter((difference) => !Number.isNaN(difference));
  differences.sort();
  return {
    low: quantile(differences, 0.025),
    high: quantile(differences, 0.975),
    resamples: differences.length,
  };
}

function meanAt(series: readonly Float64Array[], resample: number): number {
  let sum = 0;
  for (const values of series) sum += values[resample] ?? NaN;
  return sum / series.length;
}

/**
 * Quantile by linear interpolation between order statistics.
 *
 * @param sorted - Ascending
 * @param share - 0 to 1
 * @returns null for no values
 */
export function quantile(sorted: Float64Array, share: number): number | null {
  const place = share * (sorted.length - 1);
  const below = sorted[Math.floor(place)];
  const above = sorted[Math.ceil(place)];
  if (below === undefined || above === undefined) return null;
  return below + (above - below) * (place - Math.floor(place));
}
