import { groupBy } from "../base/group-by.ts";
import { differenceInterval } from "../metrics/bootstrap.ts";
import { meanAndSd } from "../metrics/metrics.ts";
import { holm, twoSidedP } from "../metrics/significance.ts";
import type { Pairing } from "./pairings.ts";
import type { TrialRow } from "./trial-results.ts";

/** A metric of a model on some of the test rows. */
export interface Scored {
  /** Null if the rows have none. */
  readonly value: number | null;
  /** The same in each resample, shape `[resamples]`; NaN where it has none. */
  readonly resampled: Float64Array;
}

/** A metric of a variant and its baseline. Means are over seeds; all is null if a model has no value. */
export interface Difference {
  readonly baseline: number | null;
  /** Standard deviation over seeds; also null for a single one. */
  readonly baselineSd: number | null;
  readonly value: number | null;
  readonly valueSd: number | null;
  readonly difference: number | null;
  /** 2.5 % quantile of the paired bootstrap. */
  readonly low: number | null;
  readonly high: number | null;
  /** Two-sided, of this comparison alone. */
  readonly p: number | null;
  /** Resamples that count. */
  readonly resamples: number;
}

/** What separates a variant from its baseline in one metric. */
export function differenceOf<Model extends TrialRow>(
  { baselineModels, models }: Pick<Pairing<Model>, "baselineModels" | "models">,
  scoredOf: (model: Model) => Scored,
): Difference {
  const before = baselineModels.map(scoredOf);
  const after = models.map(scoredOf);
  const { mean: baseline, sd: baselineSd } = summarise(before);
  const { mean: value, sd: valueSd } = summarise(after);
  const difference = baseline === null || value === null ? null : value - baseline;
  const { low, high, se, resamples } = differenceInterval(
    before.map(({ resampled }) => resampled),
    after.map(({ resampled }) => resampled),
  );
  const p = difference === null ? null : twoSidedP(difference, se);
  return { baseline, baselineSd, value, valueSd, difference, low, high, p, resamples };
}

function summarise(scored: readonly Scored[]): { mean: number | null; sd: number | null } {
  const values = scored.flatMap(({ value }) => (value === null ? [] : [value]));
  return values.length < scored.length ? { mean: null, sd: null } : meanAndSd(values);
}

/**
 * p-values corrected by Holm's method within each family of comparisons.
 *
 * @param family - Comparisons with equal keys are of one family
 * @returns In the order of `comparisons`
 */
export function correctedP<T>(
  comparisons: readonly T[],
  family: (comparison: T) => readonly unknown[],
  pOf: (comparison: T) => number | null,
): readonly (number | null)[] {
  const places = comparisons.map((comparison, place) => ({ comparison, place }));
  const corrected: (number | null)[] = comparisons.map(() => null);
  for (const group of groupBy(places, ({ comparison }) => family(comparison))) {
    const values = holm(group.map(({ comparison }) => pOf(comparison)));
    for (const [rank, { place }] of group.entries()) corrected[place] = values[rank] ?? null;
  }
  return corrected;
}
