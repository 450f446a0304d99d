import type { Row } from "../tables/database.ts";
import { differenceInterval, type ResampledScores } from "../metrics/bootstrap.ts";
import { meanAndSd } from "../metrics/metrics.ts";
import type { Pairing } from "./pairings.ts";
import type { TrialRow } from "./trial-results.ts";

/** A row of `comparisons`. AUCs and their differences are null if all test rows have the same label. */
export function comparisonRow<Model extends TrialRow>(
  pairing: Pairing<Model>,
  scoresOf: ReadonlyMap<Model | undefined, ResampledScores>,
): Row {
  const { backbone, variant, baseline, baselineModels, models } = pairing;
  const before = summarise(baselineModels);
  const after = summarise(models);
  const aucLift = before.auc === null || after.auc === null ? null : after.auc - before.auc;
  const logLossChange = after.logLoss - before.logLoss;
  const interval = (key: keyof ResampledScores) => {
    const seriesOf = (of: readonly Model[]): readonly Float64Array[] =>
      of.flatMap((model) => scoresOf.get(model)?.[key] ?? []);
    return differenceInterval(seriesOf(baselineModels), seriesOf(models));
  };
  const lifts = interval("auc");
  const changes = interval("logLoss");
  return {
    backbone,
    variant,
    baseline,
    trial: models[0]?.trial,
    baseline_trial: baselineModels[0]?.trial,
    seeds: models.length,
    baseline_auc: before.auc,
    baseline_auc_sd: before.aucSd,
    baseline_logloss: before.logLoss,
    auc: after.auc,
    auc_sd: after.aucSd,
    logloss: after.logLoss,
    auc_lift: aucLift,
    auc_lift_low: lifts.low,
    auc_lift_high: lifts.high,
    auc_relative: aucLift === null || before.auc === null ? null : aucLift / before.auc,
    logloss_change: logLossChange,
    logloss_change_low: changes.low,
    logloss_change_high: changes.high,
    logloss_relative: logLossChange / before.logLoss,
    resamples: lifts.resamples,
  };
}

interface Summary {
  readonly auc: number | null;
  readonly aucSd: number | null;
  readonly logLoss: number;
}

function summarise(models: readonly TrialRow[]): Summary {
  const logLoss = meanAndSd(models.map((model) => model.logLoss)).mean;
  const aucs = models.flatMap((model) => (model.auc === null ? [] : [model.auc]));
  if (aucs.length < models.length) return { auc: null, aucSd: null, logLoss };
  const { mean, sd } = meanAndSd(aucs);
  return { auc: mean, aucSd: sd, logLoss };
}
