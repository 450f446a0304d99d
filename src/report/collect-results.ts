import { z } from "zod";
import type { Database } from "../tables/database.ts";
import { collectKnowledge } from "./collect-knowledge.ts";
import { fillMissingTables } from "./fill-missing-tables.ts";
import { meanAndSpread } from "./mean-and-spread.ts";
import { queryRows, timestampText } from "./query-rows.ts";
import type { RunFacts } from "./run-facts.ts";
import type {
  AuditResult,
  Comparison,
  DatasetCounts,
  ModelResult,
  ModelSummary,
  ModelTime,
  RoleCount,
  RunResults,
  SplitCounts,
} from "./run-results.ts";

/**
 * Everything a run's tables say about it, as plain JSON.
 *
 * Tables that the run does not have yet become empty views in `db`; {@link RunResults.pendingStages} names the stages they wait for.
 *
 * @param db - With the run's tables mounted under their names
 */
export async function collectResults(db: Database, facts: RunFacts): Promise<RunResults> {
  const pendingStages = await fillMissingTables(db);
  const { models, times } = await collectModels(db);
  return {
    format: 1,
    name: facts.name,
    protocol: facts.protocol,
    dataset: { ...facts.dataset, ...(await collectDataset(db)) },
    splits: await collectSplits(db),
    roles: await collectRoles(db),
    seeds: distinct(models.map((model) => model.seed)).sort((a, b) => a - b),
    selectedOn: distinct(models.map((model) => model.selectedOn)).sort(),
    summaries: summarize(models),
    models,
    comparisons: await collectComparisons(db),
    knowledge: await collectKnowledge(db),
    audits: await collectAudits(db),
    pendingStages,
    settings: facts.settings,
    versions: { r4ec: facts.r4ecVersion, node: facts.nodeVersion },
    machine: { cpu: facts.cpuModel },
    times: { stages: facts.stages, models: times },
  };
}

const datasetRow = z
  .object({
    interactions: z.number(),
    users: z.number(),
    rated_items: z.number(),
    catalogue_items: z.number(),
    positive_rate: z.number().nullable(),
    first_at: timestampText.nullable(),
    last_at: timestampText.nullable(),
  })
  .transform((row): DatasetCounts => ({
    users: row.users,
    items: row.rated_items,
    catalogueItems: row.catalogue_items,
    interactions: row.interactions,
    positiveRate: row.positive_rate,
    firstAt: row.first_at,
    lastAt: row.last_at,
  }));

async function collectDataset(db: Database): Promise<DatasetCounts> {
  const [counts] = await queryRows(db, "dataset_counts", datasetRow);
  if (counts === undefined) throw new Error("internal: dataset_counts returned no row");
  return counts;
}

const splitRow = z
  .object({
    split: z.string(),
    rows: z.number(),
    users: z.number(),
    items: z.number(),
    positive_rate: z.number(),
    first_at: timestampText,
    last_at: timestampText,
  })
  .transform((row): SplitCounts => ({
    split: row.split,
    rows: row.rows,
    users: row.users,
    items: row.items,
    positiveRate: row.positive_rate,
    firstAt: row.first_at,
    lastAt: row.last_at,
  }));

function collectSplits(db: Database): Promise<readonly SplitCounts[]> {
  return queryRows(db, "split_counts", splitRow);
}

function collectRoles(db: Database): Promise<readonly RoleCount[]> {
  return queryRows(db, "role_counts", z.object({ role: z.string(), rows: z.number() }));
}

const modelRow = z.object({
  backbone: z.string(),
  variant: z.string(),
  seed: z.number(),
  auc: z.number(),
  logloss: z.number(),
  best_epoch: z.number(),
  epochs: z.number(),
  selected_on: z.string(),
  parameters: z.number(),
  train_rows: z.number(),
  valid_rows: z.number(),
  test_rows: z.number(),
  user_coverage: z.number().nullable(),
  item_coverage: z.number().nullable(),
  seconds: z.number(),
});

async function collectModels(
  db: Database,
): Promise<{ readonly models: readonly ModelResult[]; readonly times: readonly ModelTime[] }> {
  const rows = await queryRows(db, "models", modelRow);
  const models = rows.map((row): ModelResult => ({
    backbone: row.backbone,
    variant: row.variant,
    seed: row.seed,
    auc: row.auc,
    logloss: row.logloss,
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
  const times = rows.map(({ backbone, variant, seed, seconds }): ModelTime => ({
    backbone,
    variant,
    seed,
    seconds,
  }));
  return { models, times };
}

const comparisonRow = z
  .object({
    backbone: z.string(),
    variant: z.string(),
    seeds: z.number(),
    auc_lift: z.number(),
    auc_lift_low: z.number(),
    auc_lift_high: z.number(),
    auc_relative: z.number(),
    logloss_relative: z.number(),
    resamples: z.number(),
  })
  .transform((row): Comparison => ({
    backbone: row.backbone,
    variant: row.variant,
    seeds: row.seeds,
    aucLift: row.auc_lift,
    aucLiftInterval: [row.auc_lift_low, row.auc_lift_high],
    aucRelative: row.auc_relative,
    loglossRelative: row.logloss_relative,
    resamples: row.resamples,
  }));

function collectComparisons(db: Database): Promise<readonly Comparison[]> {
  return queryRows(db, "comparisons", comparisonRow);
}

const auditRow = z
  .object({
    audit: z.string(),
    about: z.string(),
    rows_checked: z.number(),
    violations: z.number(),
  })
  .transform((row): AuditResult => ({
    audit: row.audit,
    about: row.about,
    rowsChecked: row.rows_checked,
    violations: row.violations,
  }));

function collectAudits(db: Database): Promise<readonly AuditResult[]> {
  return queryRows(db, "audits", auditRow);
}

function summarize(models: readonly ModelResult[]): readonly ModelSummary[] {
  const groups = new Map<string, ModelResult[]>();
  for (const model of models) {
    const key = JSON.stringify([model.backbone, model.variant]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [model]);
    else group.push(model);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    return {
      backbone: first.backbone,
      variant: first.variant,
      seeds: group.length,
      auc: meanAndSpread(group.map((model) => model.auc)),
      logloss: meanAndSpread(group.map((model) => model.logloss)),
      coverage: first.coverage,
    };
  });
}

function distinct<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
