import type { TaskContext, TaskSpec } from "../flow/task.ts";
import { mountTables } from "../tables/mount-tables.ts";
import { loadItemFeatures, type ItemFeatures } from "./item-features.ts";
import { loadSamples, type SampleColumns } from "./sample-columns.ts";
import type { TrainTaskSettings } from "./settings.ts";
import { loadUserFeatures, type UserFeatures } from "./user-features.ts";
import { loadVectors, type VectorTable } from "./vectors.ts";
import { withDatabase } from "./with-database.ts";

/** Everything a model is trained and scored on. */
export interface TrainingData {
  readonly items: ItemFeatures;
  readonly samples: SampleColumns;
  /** Absent where the model sees nothing of the users themselves. */
  readonly userFeatures?: UserFeatures;
  /** Absent in Base. */
  readonly knowledge?: { readonly user: VectorTable; readonly item: VectorTable };
}

export interface LoadOptions {
  readonly settings: Pick<TrainTaskSettings, "attributes" | "attributeValues" | "history">;
  /** As {@link loadUserFeatures} takes them. */
  readonly userFeatures: readonly string[];
  /** Whether to read `user_embeddings` and `item_embeddings` too. */
  readonly withKnowledge: boolean;
}

/** Reads a task's input tables into typed arrays; DuckDB is closed again before training starts. */
export function loadTrainingData(
  task: Pick<TaskSpec, "inputs">,
  context: TaskContext,
  { settings, userFeatures: features, withKnowledge }: LoadOptions,
): Promise<TrainingData> {
  return withDatabase(context, async (db) => {
    await mountTables(db, task.inputs, context.runDir);
    const items = await loadItemFeatures(db, settings);
    const samples = await loadSamples(db, { items: items.index, history: settings.history });
    const userFeatures = await loadUserFeatures(db, features, samples.users);
    const data = { items, samples, ...(userFeatures && { userFeatures }) };
    if (!withKnowledge) return data;
    const user = await loadVectors(db, "user", samples.users);
    const item = await loadVectors(db, "item", items.index);
    return { ...data, knowledge: { user, item } };
  });
}
