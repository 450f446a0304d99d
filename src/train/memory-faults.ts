/** @file Finds models that cannot be trained in the memory there is, from the sizes of tables, before anything is made. */
import { FlowError } from "../base/errors.ts";
import { memoryBudget, type MemoryNeed, type MemoryShare } from "../base/memory-budget.ts";
import type { Protocol } from "../base/terms.ts";
import type { ModelShape } from "../models/model.ts";
import type { Database } from "../tables/database.ts";
import { listedPerRow, loadAttributeSizes, type AttributeSizes } from "./data/attribute-sizes.ts";
import { attributesNeed } from "./data/item-features.ts";
import { loadSplitSizes, type SplitSizes } from "./data/load-sample-facts.ts";
import { samplesNeed } from "./data/samples-need.ts";
import { engineRequest } from "./engine/engine-request.ts";
import { modelNeed } from "./engine/model-memory.ts";
import type { TrainSettings, TrainTaskSettings } from "./settings.ts";
import {
  trainStageConfig,
  trainTasks,
  trialConfig,
  userFeaturesOf,
  type TrainParams,
} from "./train-tasks.ts";
import type { Variant } from "./variants.ts";

export interface MemoryFaultOptions {
  readonly train: TrainSettings;
  readonly variants: readonly Variant[];
  readonly protocol: Protocol;
  /** What one model may take. */
  readonly share: MemoryShare;
}

/** How many subjects and rows the tables hold. */
interface TableSizes extends SplitSizes {
  readonly items: number;
  readonly users: number;
}

/**
 * One text per cause about the models whose features, samples and steps take more than their share. Vectors are not counted, since they
 * may not exist yet: a model that is not named here may still not fit.
 *
 * @param db - Has the views `items` and `samples`
 */
export async function memoryFaults(
  db: Database,
  { train, variants, protocol, share }: MemoryFaultOptions,
): Promise<readonly string[]> {
  const config = trainStageConfig(train, protocol);
  const tables = await loadTableSizes(db);
  const attributes = new Map<string, readonly AttributeSizes[]>();
  const faults = new Map<string, string>();
  for (const params of distinctModels(
    trainTasks(train, variants, protocol).map((task) => task.params),
  )) {
    const { train: tried } = trialConfig(config, params);
    const settings = { ...tried, history: params.history ?? tried.history };
    const { attributeValues: which, maxAttributeValues: most } = settings;
    const key = JSON.stringify([settings.attributes, which, most]);
    const sizes = attributes.get(key) ?? (await loadAttributeSizes(db, settings));
    attributes.set(key, sizes);
    const fault = faultOf(needsOf(settings, params, tables, sizes), share);
    if (fault !== null && !faults.has(fault)) faults.set(fault, params.backbone);
  }
  return Array.from(faults, ([fault, backbone]) => `training ${backbone} would not fit: ${fault}`);
}

/** One of each group of models that differ only in their seed, in their vectors, or in how these are dealt. */
function distinctModels(models: readonly TrainParams[]): Iterable<TrainParams> {
  const kinds = models.map(({ backbone, settings, history, userId }) =>
    JSON.stringify([backbone, settings, history, userId]),
  );
  return models.filter((_model, place) => kinds.indexOf(kinds[place] ?? "") === place);
}

async function loadTableSizes(db: Database): Promise<TableSizes> {
  const [counts] = await db.rows(
    "select (select count(*) from items) as items, (select count(distinct user_id) from samples) as users",
  );
  return {
    ...(await loadSplitSizes(db)),
    items: Number(counts?.["items"]),
    users: Number(counts?.["users"]),
  };
}

/** What the model's task takes, in order. */
function* needsOf(
  settings: TrainTaskSettings,
  params: TrainParams,
  { items, users, longest, ...samples }: TableSizes,
  attributes: readonly AttributeSizes[],
): Iterable<MemoryNeed> {
  const attributeSlots =
    attributes.length === 0 ? [1] : attributes.map(({ most }) => Math.max(1, most));
  yield attributesNeed(items, attributeSlots);
  const history = settings.history === "all" ? longest : settings.history;
  yield samplesNeed({ ...samples, history }, settings.memoryRows);
  const fields = userFeaturesOf(settings, params).length;
  const { batchSize, embeddingDim } = settings;
  const shape: ModelShape = {
    ...{ batchSize, items, attributeSlots, history, embeddingDim },
    attributeValues: attributes.reduce((sum, { distinct }) => sum + distinct, 0),
    listedValues: listedPerRow(attributes),
    ratings: 1,
    ...(samples.isWeighted && { isWeighted: true }),
    ...(fields > 0 && { userFeatures: { fields, values: users } }),
  };
  const { backbone } = params;
  yield modelNeed(engineRequest({ settings, shape, backbone, seed: 0, threads: 1 }));
}

/** What a task would say; null if all needs fit. */
function faultOf(needs: Iterable<MemoryNeed>, share: MemoryShare): string | null {
  const budget = memoryBudget(share, "runtime.threads");
  try {
    for (const need of needs) budget.take(need);
    return null;
  } catch (error) {
    if (error instanceof FlowError && error.code === "OUT_OF_MEMORY") return error.message;
    throw error;
  }
}
