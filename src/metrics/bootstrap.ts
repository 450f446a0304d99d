/** @file Paired bootstrap over users: draws users with replacement, each with all of their test rows. */
import { weightedAuc, type Ranking } from "./ranking.ts";
import { meanAndSd } from "./metrics.ts";
import { weightedMean, type GroupSums } from "./group-sums.ts";

/** A model's test rows, grouped by user. All models have the same rows and users. */
export interface ResampledModel {
  readonly ranking: Ranking;
  /** Log loss, nats. */
  readonly losses: GroupSums;
}

export interface BootstrapOptions {
  readonly models: readonly ResampledModel[];
  /** Distinct users. */
  readonly users: number;
  readonly resamples: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Called after each model of each resample, for example to report progress. */
  readonly afterModel?: () => Promise<void>;
}

/** One model's scores in each resample; NaN if a resample has no rows for the score. */
export interface ResampledScores {
  /** Shape `[resamples]`; NaN when one class has no weight. */
  readonly auc: Float64Array;
  /** Shape `[resamples]`, nats. */
  readonly logLoss: Float64Array;
}

/** Confidence interval of a difference of means, and its standard error. */
export interface BootstrapInterval {
  /** 2.5 % quantile; null if no resample counts. */
  readonly low: number | null;
  /** 97.5 % quantile; null if no resample counts. */
  readonly high: number | null;
  /** Standard error: standard deviation over the resamples (n - 1); null for fewer than two. */
  readonly se: number | null;
  /** Number of resamples that count: those in which every model has a score. */
  readonly resamples: number;
}

/**
 * Draws `users` times from all users, with replacement, and counts how often each is drawn.
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
 * Scores every model in every resample. All models share the resamples, so that differences between models are paired, and each model
 * is scored once per resample, however many differences it is part of.
 *
 * @returns One entry per model, in order; empty scores if there are fewer than two users
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
 * @param baseline - One series per seed, all of equal length
 * @param candidate - The same
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
    se: spreadOf(differences),
    resamples: differences.length,
  };
}

/** Exactly 0 for equal values, whatever their mean is rounded to. */
function spreadOf(sorted: Float64Array): number | null {
  const isConstant = sorted.length > 1 && sorted[0] === sorted.at(-1);
  return isConstant ? 0 : meanAndSd([...sorted]).sd;
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
 * @returns null without values
 */
export function quantile(sorted: Float64Array, share: number): number | null {
  const place = share * (sorted.length - 1);
  const below = sorted[Math.floor(place)];
  const above = sorted[Math.ceil(place)];
  if (below === undefined || above === undefined) return null;
  return below + (above - below) * (place - Math.floor(place));
}
