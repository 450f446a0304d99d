import { join } from "node:path";
import { unlimitedMemory, type MemoryBudget } from "../../base/memory-budget.ts";
import type { TaskContext, TaskSpec } from "../../flow/task.ts";
import { mountTables } from "../../tables/mount-tables.ts";
import { hasLists } from "../engine/model-inputs.ts";
import { listedPerRow, loadAttributeSizes } from "./attribute-sizes.ts";
import { loadItemFeatures, type LoadedItemFeatures } from "./item-features.ts";
import { loadKnowledge } from "./load-knowledge.ts";
import { loadSampleFacts } from "./load-sample-facts.ts";
import { samplesNeed } from "./samples-need.ts";
import { openSamples } from "./open-samples.ts";
import type { Samples } from "./samples.ts";
import type { TrainTaskSettings } from "../settings.ts";
import { loadUserFeatures, type UserFeatures } from "./user-features.ts";
import type { Deal } from "../variants.ts";
import type { Knowledge } from "./vectors.ts";
import { withDatabase } from "../../tables/database.ts";

/** All data that a model is trained and scored on. */
export interface TrainingData {
  readonly items: LoadedItemFeatures;
  readonly samples: Samples;
  /** Absent if the model has no user features. */
  readonly userFeatures?: UserFeatures;
  /** Absent in Base. */
  readonly knowledge?: Knowledge;
  /** See `ModelShape`; absent without long attributes. */
  readonly listedValues?: number;
}

export interface LoadOptions {
  readonly settings: Pick<
    TrainTaskSettings,
    "attributes" | "attributeValues" | "maxAttributeValues" | "history" | "memoryRows"
  >;
  /** See {@link loadUserFeatures}. */
  readonly userFeatures: readonly string[];
  /** How vectors are dealt to users and items. */
  readonly deal: Deal;
  /** For dealing vectors. */
  readonly seed: number;
  /** Counts every large array before it is made. Default: none is refused. */
  readonly budget?: MemoryBudget;
}

/**
 * Reads a task's input tables into typed arrays. Samples beyond `memoryRows` stay on disk; the caller closes `samples`. Vector tables
 * are read if they are among the inputs.
 */
export function loadTrainingData(
  task: Pick<TaskSpec, "inputs">,
  context: TaskContext,
  { settings, userFeatures: features, deal, seed, budget = unlimitedMemory }: LoadOptions,
): Promise<TrainingData> {
  return withDatabase(context, async (db) => {
    await mountTables(db, task.inputs, context.runDir);
    const items = await loadItemFeatures(db, settings, budget);
    const facts = await loadSampleFacts(db, settings.history);
    budget.take(samplesNeed(facts, settings.memoryRows));
    const userFeatures = await loadUserFeatures(db, features, facts.users);
    const listedValues = hasLists(items)
      ? listedPerRow(await loadAttributeSizes(db, settings))
      : undefined;
    const indexes = { user: facts.users, item: items.index };
    const knowledge = await loadKnowledge(db, task.inputs, { deal, seed }, indexes, budget);
    const samples = await openSamples(db, {
      ...{ facts, items: items.index, memoryRows: settings.memoryRows, context },
      parts: (task.inputs["samples"] ?? []).map(({ path }) => join(context.runDir, path)),
    });
    return {
      ...{ items, samples },
      ...(userFeatures && { userFeatures }),
      ...(knowledge && { knowledge }),
      ...(listedValues !== undefined && { listedValues }),
    };
  });
}
