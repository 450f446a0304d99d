import { differenceOf } from "../differences.ts";
import type { ResampledModel } from "./resample-models.ts";

/** 2.5 % and 97.5 % of the paired bootstrap by user; null without resamples. */
type Interval = readonly [low: number, high: number] | null;

/** The models of one backbone and variant in a run, less the same in another. */
export interface ModelDifference {
  /** Those that both runs have; means are over them. */
  readonly seeds: number;
  /** Null if all test rows have the same label. */
  readonly auc: number | null;
  readonly aucInterval: Interval;
  /** Two-sided, of this difference alone; null without resamples. */
  readonly aucP: number | null;
  /** Nats; below 0 is better. */
  readonly logloss: number;
  readonly loglossInterval: Interval;
  readonly loglossP: number | null;
  /** Resamples that count. */
  readonly resamples: number;
}

/**
 * Compares models that were resampled on the same test rows with the same seed of the draws.
 *
 * @param baseline - One model per seed
 * @param candidate - The same
 * @returns Null when the two have no seed in common
 */
export function modelDifference(
  baseline: readonly ResampledModel[],
  candidate: readonly ResampledModel[],
): ModelDifference | null {
  const seedsOf = (models: readonly ResampledModel[]): readonly number[] =>
    models.map(({ seed }) => seed);
  const before = baseline.filter(({ seed }) => seedsOf(candidate).includes(seed));
  const after = candidate.filter(({ seed }) => seedsOf(baseline).includes(seed));
  if (before.length === 0) return null;
  const difference = (metric: "auc" | "logLoss") =>
    differenceOf({ baselineModels: before, models: after }, ({ scores }: ResampledModel) => ({
      value: scores[metric],
      resampled: scores.resampled[metric],
    }));
  const auc = difference("auc");
  const logloss = difference("logLoss");
  return {
    seeds: before.length,
    ...{ auc: auc.difference, aucInterval: bounds(auc), aucP: auc.p },
    ...{ logloss: logloss.difference ?? 0, loglossInterval: bounds(logloss), loglossP: logloss.p },
    resamples: auc.resamples,
  };
}

function bounds({ low, high }: ReturnType<typeof differenceOf>): Interval {
  return low === null || high === null ? null : [low, high];
}
