import { z } from "zod";
import { groupBy } from "../../base/group-by.ts";
import type { Database } from "../../tables/database.ts";
import { meanAndSpread } from "./mean-and-spread.ts";
import { queryRows } from "./query-rows.ts";
import type {
  Comparison,
  Interval,
  MeanAndSpread,
  ModelResult,
  ModelSummary,
  ModelTime,
  SliceResult,
  TrialResult,
} from "../run-results.ts";

const role = z.enum(["base", "control", "knowledge"]);
const figure = z.number().nullable();

/** A JSON object stored as text. */
const settingsText = z
  .string()
  .transform((text): unknown => JSON.parse(text))
  .pipe(z.record(z.string(), z.json()));

const modelRow = z.object({
  backbone: z.string(),
  variant: z.string(),
  trial: z.number(),
  seed: z.number(),
  role,
  settings: settingsText,
  engine: z.string(),
  is_selected: z.boolean(),
  auc: z.number(),
  logloss: z.number(),
  gauc: figure,
  ece: figure,
  valid_auc: figure,
  valid_logloss: figure,
  best_epoch: z.number(),
  epochs: z.number(),
  selected_on: z.string(),
  parameters: z.number(),
  train_rows: z.number(),
  valid_rows: z.number(),
  test_rows: z.number(),
  user_coverage: figure,
  item_coverage: figure,
  seconds: z.number(),
});

/** Every trained model and, separately, how long it took. */
export async function collectModels(
  db: Database,
): Promise<{ readonly models: readonly ModelResult[]; readonly times: readonly ModelTime[] }> {
  const rows = await queryRows(db, "models", modelRow);
  const models = rows.map((row): ModelResult => ({
    backbone: row.backbone,
    variant: row.variant,
    role: row.role,
    trial: row.trial,
    settings: row.settings,
    seed: row.seed,
    isSelected: row.is_selected,
    engine: row.engine,
    auc: row.auc,
    logloss: row.logloss,
    gauc: row.gauc,
    ece: row.ece,
    validAuc: row.valid_auc,
    validLogloss: row.valid_logloss,
    bestEpoch: row.best_epoch,
    epochs: row.epochs,
    selectedOn: row.selected_on,
    parameters: row.parameters,
    trainRows: row.train_rows,
    validRows: row.valid_rows,
    testRows: row.test_rows,
    coverage:
      row.user_coverage === null && row.item_coverage === null
        ? null
        : { user: row.user_coverage, item: row.item_coverage },
  }));
  const times = rows.map(({ backbone, variant, trial, seed, seconds }): ModelTime => ({
    ...{ backbone, variant, trial, seed, seconds },
  }));
  return { models, times };
}

/** Means over seeds of the selected trials, in the order of the models. */
export function summarize(models: readonly ModelResult[]): readonly ModelSummary[] {
  const selected = models.filter(({ isSelected }) => isSelected);
  return groupBy(selected, ({ backbone, variant }) => [backbone, variant]).flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    return {
      backbone: first.backbone,
      variant: first.variant,
      role: first.role,
      trial: first.trial,
      seeds: group.length,
      auc: meanAndSpread(group.map((model) => model.auc)),
      logloss: meanAndSpread(group.map((model) => model.logloss)),
      gauc: ofAll(group.map((model) => model.gauc)),
      ece: ofAll(group.map((model) => model.ece)),
      coverage: first.coverage,
    };
  });
}

/** Null when one of the values is. */
function ofAll(values: readonly (number | null)[]): MeanAndSpread | null {
  const known = values.filter((value) => value !== null);
  return known.length < values.length ? null : meanAndSpread(known);
}

const comparisonRow = z
  .object({
    backbone: z.string(),
    variant: z.string(),
    role,
    baseline: z.string(),
    baseline_role: role,
    seeds: z.number(),
    auc_lift: z.number(),
    auc_lift_low: figure,
    auc_lift_high: figure,
    auc_relative: z.number(),
    auc_p: figure,
    auc_p_holm: figure,
    logloss_change: z.number(),
    logloss_change_low: figure,
    logloss_change_high: figure,
    logloss_relative: z.number(),
    logloss_p: figure,
    logloss_p_holm: figure,
    resamples: z.number(),
  })
  .transform((row): Comparison => ({
    backbone: row.backbone,
    variant: row.variant,
    role: row.role,
    baseline: row.baseline,
    baselineRole: row.baseline_role,
    seeds: row.seeds,
    aucLift: row.auc_lift,
    aucLiftInterval: intervalOf(row.auc_lift_low, row.auc_lift_high),
    aucRelative: row.auc_relative,
    aucP: row.auc_p,
    aucPHolm: row.auc_p_holm,
    loglossChange: row.logloss_change,
    loglossChangeInterval: intervalOf(row.logloss_change_low, row.logloss_change_high),
    loglossRelative: row.logloss_relative,
    loglossP: row.logloss_p,
    loglossPHolm: row.logloss_p_holm,
    resamples: row.resamples,
  }));

function intervalOf(low: number | null, high: number | null): Interval {
  return low === null || high === null ? null : [low, high];
}

export function collectComparisons(db: Database): Promise<readonly Comparison[]> {
  return queryRows(db, "comparisons", comparisonRow);
}

const trialRow = z
  .object({
    backbone: z.string(),
    variant: z.string(),
    trial: z.number(),
    settings: settingsText,
    seeds: z.number(),
    split: z.string(),
    metric: z.string(),
    value: figure,
    is_selected: z.boolean(),
  })
  .transform(({ is_selected, ...row }): TrialResult => ({ ...row, isSelected: is_selected }));

export function collectTrials(db: Database): Promise<readonly TrialResult[]> {
  return queryRows(db, "trials", trialRow);
}

const sliceRow = z
  .object({
    backbone: z.string(),
    variant: z.string(),
    role,
    slice: z.string(),
    bucket: z.string(),
    rows: z.number(),
    positives: z.number(),
    auc: figure,
    logloss: z.number(),
    auc_lift: figure,
    auc_lift_low: figure,
    auc_lift_high: figure,
    auc_p: figure,
    auc_p_holm: figure,
  })
  .transform(
    ({ auc_lift, auc_lift_low, auc_lift_high, auc_p, auc_p_holm, ...row }): SliceResult => ({
      ...row,
      aucLift: auc_lift,
      aucLiftInterval: intervalOf(auc_lift_low, auc_lift_high),
      aucP: auc_p,
      aucPHolm: auc_p_holm,
    }),
  );

export function collectSlices(db: Database): Promise<readonly SliceResult[]> {
  return queryRows(db, "slices", sliceRow);
}
