import type { TaskContext, WrittenFile } from "../../flow/task.ts";
import { columnBatches } from "../../tables/column-batches.ts";
import type { Database } from "../../tables/database.ts";
import { writeBatches } from "../../tables/write-batches.ts";
import type { DenseIndex } from "../data/dense-index.ts";
import type { TrainingOutcome } from "./training-outcome.ts";

/** Writes the model's part of `predictions`. */
export function writePredictions(
  db: Database,
  { params, data, trained }: TrainingOutcome,
  context: TaskContext,
): Promise<WrittenFile> {
  const { backbone, variant, trial, seed } = params;
  const { testRows, labels, probabilities } = trained;
  const columns = {
    user_id: idsOf(testRows.users, data.samples.users),
    rn: testRows.places,
    item_id: idsOf(testRows.items, data.items.index),
    label: labels,
    probability: probabilities,
  };
  const constants = { backbone, variant, trial, seed };
  return writeBatches(db, "predictions", columnBatches(columns), context, { constants });
}

function idsOf(dense: Int32Array, { ids }: DenseIndex): Int32Array {
  return dense.map((subject) => ids[subject - 1] ?? 0);
}
