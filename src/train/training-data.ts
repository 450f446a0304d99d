import type { TaskContext, TaskSpec } from "../flow/task.ts";
import { mountTables } from "../tables/mount-tables.ts";
import { loadItemFeatures, type ItemFeatures } from "./item-features.ts";
import { loadSamples, type SampleColumns } from "./sample-columns.ts";
import type { TrainSettings } from "./settings.ts";
import { loadVectors, type VectorTable } from "./vectors.ts";
import { withDatabase } from "./with-database.ts";

/** Everything a model is trained and scored on. */
export interface TrainingData {
  readonly items: ItemFeatures;
  readonly samples: SampleColumns;
  /** Absent in Base. */
  readonly knowledge?: { readonly user: VectorTable; readonly item: VectorTable };
}

export interface LoadOptions {
  readonly settings: Pick<TrainSettings, "attributes" | "history">;
  /** Whether to read `user_embeddings` and `item_embeddings` too. */
  readonly withKnowledge: boolean;
}

/** Reads a task's input tables into typed arrays; DuckDB is closed again before training starts. */
export function loadTrainingData(
  task: Pick<TaskSpec, "inputs">,
  context: TaskContext,
  { settings, withKnowledge }: LoadOptions,
): Promise<TrainingData> {
  return withDatabase(context, async (db) => {
    await mountTables(db, task.inputs, context.runDir);
    const items = await loadItemFeatures(db, settings.attributes);
    const samples = await loadSamples(db, { items: items.index, history: settings.history });
    if (!withKnowledge) return { items, samples };
    const user = await loadVectors(db, "user", samples.users);
    const item = await loadVectors(db, "item", items.index);
    return { items, samples, knowledge: { user, item } };
  });
}
