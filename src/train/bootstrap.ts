/** @file Paired bootstrap by user: users are drawn with replacement, each with all of its test rows. */
import { weightedAuc, type Ranking } from "./ranking.ts";

/** Two sets of models scored on the same test rows. */
export interface BootstrapOptions {
  /** One a seed; groups are users, the same for all rankings. */
  readonly baseline: readonly Ranking[];
  readonly candidate: readonly Ranking[];
  /** Distinct users. */
  readonly users: number;
  readonly resamples: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Called after each resample, e.g. to report progress. */
  readonly afterResample?: () => Promise<void>;
}

/** Interval of a difference of mean AUCs. */
export interface BootstrapInterval {
  /** 2.5 % quantile; null when no resample had both classes or there are fewer than two users. */
  readonly low: number | null;
  /** 97.5 % quantile; null as `low`. */
  readonly high: number | null;
  /** Resamples that count: those in which both classes occur. */
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
 * Difference of mean AUC, candidate - baseline, under user weights.
 *
 * @param weights - Shape `[users]`
 * @returns null when one class has no weight
 */
export function weightedLift(
  baseline: readonly Ranking[],
  candidate: readonly Ranking[],
  weights: Float64Array,
): number | null {
  const meanAuc = (rankings: readonly Ranking[]): number | null => {
    let sum = 0;
    for (const ranking of rankings) {
      const value = weightedAuc(ranking, weights);
      if (value === null) return null;
      sum += value;
    }
    return rankings.length === 0 ? null : sum / rankings.length;
  };
  const before = meanAuc(baseline);
  const after = meanAuc(candidate);
  return before === null || after === null ? null : after - before;
}

/** Percentile interval of the lift. Each resample weighs all models alike, so what users have in common cancels out. */
export async function bootstrapLift(options: BootstrapOptions): Promise<BootstrapInterval> {
  const { baseline, candidate, users, resamples, random } = options;
  const lifts: number[] = [];
  for (let resample = 0; resample < resamples && users > 1; resample++) {
    const lift = weightedLift(baseline, candidate, drawUserWeights(users, random));
    if (lift !== null) lifts.push(lift);
    await options.afterResample?.();
  }
  const sorted = Float64Array.from(lifts).sort();
  return { low: quantile(sorted, 0.025), high: quantile(sorted, 0.975), resamples: lifts.length };
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
