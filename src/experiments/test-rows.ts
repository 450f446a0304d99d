import { FlowError } from "../base/errors.ts";
import { modelName } from "../base/terms.ts";
import { bucketsOf } from "../metrics/bucket-scores.ts";
import { float32Column, int32Column, int8Column } from "../tables/arrow-columns.ts";
import type { Database } from "../tables/database.ts";
import { readBatches } from "../tables/read-batches.ts";
import { sqlFile } from "../tables/sql-file.ts";
import type { TrialRow } from "./trial-results.ts";

/** The test rows that all models are scored on, by user and place; shape `[rows]` where not said otherwise. */
export interface TestRows {
  readonly users: Int32Array;
  readonly places: Int32Array;
  readonly labels: Int8Array;
  /** Users numbered from 0 in their order. */
  readonly groups: Int32Array;
  /** Distinct users. */
  readonly userCount: number;
  /** The buckets of the table `slices` that have rows. */
  readonly parts: readonly RowPart[];
}

/** The test rows of one bucket. */
export interface RowPart {
  readonly slice: keyof typeof bucketsOf;
  readonly bucket: string;
  /** Their places among all test rows, ascending; shape `[rows of the bucket]`. */
  readonly rows: Int32Array;
}

/**
 * Loads the test rows as one model was scored on them, from the views `samples` and `predictions`.
 *
 * @throws `INPUT_INVALID` if the model's predictions are incomplete
 */
export async function loadTestRows(db: Database, model: TrialRow): Promise<TestRows> {
  const { testRows: rows } = model;
  const users = new Int32Array(rows);
  const places = new Int32Array(rows);
  const labels = new Int8Array(rows);
  const buckets = { items: new Int8Array(rows), users: new Int8Array(rows) };
  const read = readBatches(db, sqlFile("experiments/bucketed_predictions"), {
    params: paramsOf(model),
  });
  let filled = 0;
  for await (const batch of read) {
    if (filled + batch.numRows <= rows) {
      users.set(int32Column(batch, "user_id"), filled);
      places.set(int32Column(batch, "rn"), filled);
      labels.set(int8Column(batch, "label"), filled);
      buckets.items.set(int8Column(batch, "item_bucket"), filled);
      buckets.users.set(int8Column(batch, "user_bucket"), filled);
    }
    filled += batch.numRows;
  }
  requireAllRows(model, filled);
  const parts = (["items", "users"] as const).flatMap((slice) =>
    bucketsOf[slice].map((bucket, number) => ({
      ...{ slice, bucket },
      rows: placesOf(buckets[slice], number),
    })),
  );
  return {
    ...{ users, places, labels },
    ...numberUsers(users),
    parts: parts.filter((part) => part.rows.length > 0),
  };
}

/**
 * Loads a model's probabilities for the test rows from the view `predictions`.
 *
 * @returns Shape `[rows]`
 * @throws `INPUT_INVALID` if the model's predictions are incomplete, or for other rows
 */
export async function loadProbabilities(
  db: Database,
  model: TrialRow,
  test: TestRows,
): Promise<Float32Array> {
  const probabilities = new Float32Array(test.users.length);
  const read = readBatches(db, sqlFile("experiments/model_predictions"), {
    params: paramsOf(model),
  });
  let filled = 0;
  let isSame = true;
  for await (const batch of read) {
    const end = filled + batch.numRows;
    isSame &&=
      areEqual(int32Column(batch, "user_id"), test.users.subarray(filled, end)) &&
      areEqual(int32Column(batch, "rn"), test.places.subarray(filled, end)) &&
      areEqual(int8Column(batch, "label"), test.labels.subarray(filled, end));
    if (isSame) probabilities.set(float32Column(batch, "probability"), filled);
    filled = end;
  }
  requireAllRows(model, filled);
  if (isSame && filled === probabilities.length) return probabilities;
  throw new FlowError(
    "INPUT_INVALID",
    `predictions: ${modelName(model)} was scored on other test rows than the first model; ` +
      "models can only be compared on the same rows, train them all on the same samples",
  );
}

function paramsOf({ backbone, variant, trial, seed }: TrialRow) {
  return { backbone, variant, trial, seed };
}

function requireAllRows(model: TrialRow, filled: number): void {
  if (filled === model.testRows) return;
  throw new FlowError(
    "INPUT_INVALID",
    `predictions: ${modelName(model)} has ${filled} rows, results says ${model.testRows}; train it again`,
  );
}

function areEqual(a: Int32Array | Int8Array, b: Int32Array | Int8Array): boolean {
  return a.length === b.length && a.every((value, row) => value === b[row]);
}

/** Numbers users from 0 in their order; `users` must be sorted. */
function numberUsers(users: Int32Array): Pick<TestRows, "groups" | "userCount"> {
  let userCount = 0;
  const groups = users.map((user, row) =>
    row === 0 || user !== users[row - 1] ? userCount++ : userCount - 1,
  );
  return { groups, userCount };
}

function placesOf(buckets: Int8Array, bucket: number): Int32Array {
  const places = new Int32Array(buckets.length);
  let count = 0;
  for (const [row, value] of buckets.entries()) if (value === bucket) places[count++] = row;
  return places.slice(0, count);
}
