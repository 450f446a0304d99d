import type { RecordBatch } from "apache-arrow";
import type { TaskContext, WrittenFile } from "../../flow/task.ts";
import type { Database, Row } from "../../tables/database.ts";
import { writeBatches } from "../../tables/write-batches.ts";
import { rowBatches } from "../../tables/row-batches.ts";
import type { SplitColumns } from "../data/split-columns.ts";
import type { TrainingOutcome } from "./training-tables.ts";
import { countCovered } from "../data/vectors.ts";

/** Whom and what the test rows are about. */
export interface TestedRows {
  /** Dense user of each test row; shape `[test rows]`. */
  readonly users: Int32Array;
  /** Rows whose user has a vector; 0 without vectors. */
  readonly userCovered: number;
  /** Rows whose item has a vector; 0 without vectors. */
  readonly itemCovered: number;
}

/** Writes the model's part of `predictions`, and takes note of the test rows on the way: they may come from disk. */
export async function writePredictions(
  db: Database,
  outcome: TrainingOutcome,
  context: TaskContext,
): Promise<{ readonly file: WrittenFile; readonly tested: TestedRows }> {
  const { data, trained } = outcome;
  const { user: userVectors, item: itemVectors } = data.knowledge ?? {};
  const { test } = data.samples;
  const testUsers = new Int32Array(test.rows);
  let [start, userCovered, itemCovered] = [0, 0, 0];
  async function* batches(): AsyncGenerator<RecordBatch> {
    for await (const { columns } of test.inOrder()) {
      const { rows } = columns;
      const users = columns.users.subarray(0, rows);
      const items = columns.items.subarray(0, rows);
      const probabilities = trained.probabilities.subarray(start, start + rows);
      testUsers.set(users, start);
      userCovered += userVectors ? countCovered(users, userVectors) : 0;
      itemCovered += itemVectors ? countCovered(items, itemVectors) : 0;
      yield* rowBatches("predictions", rows, (row) =>
        predictionRow(outcome, columns, row, probabilities[row]),
      );
      start += rows;
    }
  }
  const file = await writeBatches(db, "predictions", batches(), context);
  return { file, tested: { users: testUsers, userCovered, itemCovered } };
}

function predictionRow(
  { params, data }: TrainingOutcome,
  columns: SplitColumns,
  row: number,
  probability: number | undefined,
): Row {
  const { backbone, variant, trial, seed } = params; // spreading them into every row would double the time of writing
  return {
    backbone,
    variant,
    trial,
    seed,
    user_id: data.samples.users.ids[(columns.users[row] ?? 0) - 1],
    rn: columns.places[row],
    item_id: data.items.index.ids[(columns.items[row] ?? 0) - 1],
    label: columns.labels[row],
    probability: probability,
  };
}
