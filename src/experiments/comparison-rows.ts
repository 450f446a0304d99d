import type { Row } from "../tables/database.ts";
import { correctedP, differenceOf, type Difference, type Scored } from "./differences.ts";
import type { Pairing } from "./pairings.ts";
import type { ModelScores, PartScores } from "./score-models.ts";
import type { RowPart } from "./test-rows.ts";
import type { TrialRow } from "./trial-results.ts";

type Scores = ReadonlyMap<TrialRow, ModelScores>;

interface Compared {
  readonly pairing: Pairing<TrialRow>;
  readonly auc: Difference;
  readonly logLoss: Difference;
}

/** Rows of `comparisons`: pairs on all test rows, corrected together per backbone and metric. */
export function comparisonRows(
  pairings: readonly Pairing<TrialRow>[],
  scores: Scores,
): readonly Row[] {
  const compared = pairings.map((pairing): Compared => {
    const of = (model: TrialRow): PartScores => wholeOf(scores, model);
    return {
      pairing,
      // Scores as `results` has them.
      auc: differenceOf(pairing, (model) => scored(model.auc, of(model).resampled.auc)),
      logLoss: differenceOf(pairing, (model) => scored(model.logLoss, of(model).resampled.logLoss)),
    };
  });
  const columns = withCorrected(compared, ({ pairing }) => [pairing.backbone]);
  return compared.map(({ pairing, auc, logLoss }, place) => ({
    ...namesOf(pairing),
    trial: pairing.models[0]?.trial,
    baseline_trial: pairing.baselineModels[0]?.trial,
    seeds: pairing.models.length,
    baseline_auc: auc.baseline,
    baseline_auc_sd: auc.baselineSd,
    baseline_logloss: logLoss.baseline,
    auc: auc.value,
    auc_sd: auc.valueSd,
    logloss: logLoss.value,
    auc_relative: ratio(auc),
    logloss_relative: ratio(logLoss),
    ...columns[place],
    resamples: auc.resamples,
  }));
}

/** Rows of `slice_comparisons`: pairs on parts of the test rows, corrected together per backbone, metric and slice. */
export function sliceComparisonRows(
  pairings: readonly Pairing<TrialRow>[],
  scores: Scores,
  parts: readonly RowPart[],
): readonly Row[] {
  const compared = pairings.flatMap((pairing) =>
    parts.map((part, place) => {
      const of = (model: TrialRow): PartScores => partOf(scores, model, place);
      return {
        ...{ pairing, part },
        auc: differenceOf(pairing, (model) => scored(of(model).auc, of(model).resampled.auc)),
        logLoss: differenceOf(pairing, (model) =>
          scored(of(model).logLoss, of(model).resampled.logLoss),
        ),
      };
    }),
  );
  const columns = withCorrected(compared, ({ pairing, part }) => [pairing.backbone, part.slice]);
  return compared.map(({ pairing, part, auc, logLoss }, place) => ({
    ...namesOf(pairing),
    slice: part.slice,
    bucket: part.bucket,
    rows: part.rows.length,
    seeds: pairing.models.length,
    baseline_auc: auc.baseline,
    baseline_logloss: logLoss.baseline,
    auc: auc.value,
    logloss: logLoss.value,
    ...columns[place],
    resamples: auc.resamples,
  }));
}

/** Differences, intervals and p-values of both metrics, with the corrected ones. */
function withCorrected<T extends Compared>(
  compared: readonly T[],
  family: (one: T) => readonly unknown[],
): readonly Row[] {
  const aucPs = correctedP(compared, family, ({ auc }) => auc.p);
  const logLossPs = correctedP(compared, family, ({ logLoss }) => logLoss.p);
  return compared.map(({ auc, logLoss }, place) => ({
    auc_lift: auc.difference,
    auc_lift_low: auc.low,
    auc_lift_high: auc.high,
    auc_p: auc.p,
    auc_p_holm: aucPs[place],
    logloss_change: logLoss.difference,
    logloss_change_low: logLoss.low,
    logloss_change_high: logLoss.high,
    logloss_p: logLoss.p,
    logloss_p_holm: logLossPs[place],
  }));
}

function namesOf({ backbone, variant, baseline }: Pairing<TrialRow>): Row {
  return { backbone, variant, baseline };
}

function scored(value: number | null, resampled: Float64Array): Scored {
  return { value, resampled };
}

function ratio({ difference, baseline }: Difference): number | null {
  return difference === null || baseline === null ? null : difference / baseline;
}

function wholeOf(scores: Scores, model: TrialRow): PartScores {
  const own = scores.get(model)?.whole;
  if (own === undefined) throw new Error("internal: a compared model was not scored");
  return own;
}

function partOf(scores: Scores, model: TrialRow, place: number): PartScores {
  const own = scores.get(model)?.parts[place];
  if (own === undefined) throw new Error("internal: a compared model was not scored");
  return own;
}
