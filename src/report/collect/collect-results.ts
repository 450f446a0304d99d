import { z } from "zod";
import type { Database } from "../../tables/database.ts";
import { lessonLengths } from "../../tables/lesson-lengths.ts";
import { collectVariants } from "./collect-variants.ts";
import { collectFinetune } from "./collect-finetune.ts";
import { collectKnowledge } from "./collect-knowledge.ts";
import {
  collectComparisons,
  collectModels,
  collectSlices,
  collectTrials,
  summarize,
} from "./collect-models.ts";
import { fillMissingTables } from "./fill-missing-tables.ts";
import { queryRows, timestampText } from "./query-rows.ts";
import type { RunFacts } from "../run-facts.ts";
import type {
  AuditResult,
  DatasetCounts,
  RoleCount,
  RunResults,
  SplitCounts,
} from "../run-results.ts";

/**
 * Collects everything a run's tables say about it, as plain JSON.
 *
 * Tables that the run does not have yet become empty views in `db`; {@link RunResults.pendingStages} names the stages that make them.
 *
 * @param db - With the run's tables mounted under their names
 */
export async function collectResults(db: Database, facts: RunFacts): Promise<RunResults> {
  const pendingStages = await fillMissingTables(db);
  const { models, times } = await collectModels(db);
  const lessons = await lessonLengths(db);
  const finetune = await collectFinetune(db);
  return {
    format: 2,
    name: facts.name,
    protocol: facts.protocol,
    dataset: { ...facts.dataset, ...(await collectDataset(db)) },
    splits: await collectSplits(db),
    roles: await collectRoles(db),
    variants: await collectVariants(db),
    seeds: distinct(models.map((model) => model.seed)).sort((a, b) => a - b),
    selectedOn: distinct(models.map((model) => model.selectedOn)).sort(),
    summaries: summarize(models),
    models,
    comparisons: await collectComparisons(db),
    trials: await collectTrials(db),
    slices: await collectSlices(db),
    knowledge: await collectKnowledge(db),
    ...(lessons.length > 0 && { lessons }),
    ...(finetune !== null && { finetune }),
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
  .transform((row): Omit<DatasetCounts, "leftOut"> => ({
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
  const leftOutRow = z.object({ step: z.string(), reason: z.string(), rows: z.number() });
  return { ...counts, leftOut: await queryRows(db, "left_out", leftOutRow) };
}

const splitRow = z
  .object({
    split: z.string(),
    rows: z.number(),
    users: z.number(),
    items: z.number(),
    positive_rate: z.number(),
    sum_weight: z.number().optional(),
    first_at: timestampText,
    last_at: timestampText,
  })
  .transform((row): SplitCounts => ({
    split: row.split,
    rows: row.rows,
    users: row.users,
    items: row.items,
    positiveRate: row.positive_rate,
    // The last digits of a sum over threads vary.
    ...(row.sum_weight !== undefined && { weight: Number(row.sum_weight.toPrecision(9)) }),
    firstAt: row.first_at,
    lastAt: row.last_at,
  }));

function collectSplits(db: Database): Promise<readonly SplitCounts[]> {
  return queryRows(db, "split_counts", splitRow);
}

function collectRoles(db: Database): Promise<readonly RoleCount[]> {
  return queryRows(db, "role_counts", z.object({ role: z.string(), rows: z.number() }));
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

function distinct<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
