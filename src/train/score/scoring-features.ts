import { unlimitedMemory } from "../../base/memory-budget.ts";
import type { TaskSpec } from "../../flow/task.ts";
import type { Database } from "../../tables/database.ts";
import type { BatcherOptions } from "../data/batcher.ts";
import { createDenseIndex, type DenseIndex } from "../data/dense-index.ts";
import { loadItemFeatures } from "../data/item-features.ts";
import { loadIds } from "../data/load-ids.ts";
import { loadKnowledge } from "../data/load-knowledge.ts";
import { trainParams, trialConfig, userFeaturesOf } from "../train-tasks.ts";
import { loadUserFeatures } from "../data/user-features.ts";

/** A model's features, numbered as in training. */
export interface ScoringFeatures extends Pick<
  BatcherOptions,
  "items" | "userFeatures" | "knowledge"
> {
  /** Index of user ids: those of the samples as numbered in training, then others that have a vector. */
  readonly users: DenseIndex;
}

/**
 * Loads the features from the views of a train task's inputs.
 *
 * @param attributeSlots - Places for values per attribute, as the model was trained; more values than in training are left out again
 * @param budget - Counts every large array before it is made. Default: none is refused
 */
export async function loadScoringFeatures(
  db: Database,
  task: Pick<TaskSpec, "config" | "params" | "inputs">,
  attributeSlots: readonly number[],
  budget = unlimitedMemory,
): Promise<ScoringFeatures> {
  const params = trainParams.parse(task.params);
  const { train: settings } = trialConfig(task.config, params);
  const { seed, deal = "own" } = params;
  const maxAttributeValues = Math.max(...attributeSlots);
  const items = await loadItemFeatures(db, { ...settings, maxAttributeValues }, budget);
  const trained = createDenseIndex(await loadIds(db, "train/user_ids", "user_id"));
  const userFeatures = await loadUserFeatures(db, userFeaturesOf(settings, params), trained);
  // Controls deal vectors among the users of the samples only.
  const isOpen = deal === "own" && task.inputs["user_embeddings"] !== undefined;
  const further = isOpen ? await loadIds(db, "score/vector_users", "user_id") : [];
  const users = createDenseIndex(Int32Array.from([...trained.ids, ...further]));
  const indexes = { user: users, item: items.index };
  const knowledge = await loadKnowledge(db, task.inputs, { deal, seed }, indexes, budget);
  return {
    items,
    users,
    ...(userFeatures && { userFeatures }),
    ...(knowledge && { knowledge }),
  };
}
