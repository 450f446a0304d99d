import { FlowError } from "../base/errors.ts";
import type { Database } from "../tables/database.ts";
import { readBatches } from "../tables/read-batches.ts";
import { sqlFile } from "../tables/sql-file.ts";
import { float32Column, int32Column, int8Column } from "../tables/arrow-columns.ts";
import { rowLosses } from "../metrics/metrics.ts";
import { modelName } from "../base/terms.ts";
import { rankRows, type Ranking } from "../metrics/ranking.ts";
import type { TrialRow } from "./trial-results.ts";
import { sumByGroup, type GroupSums } from "../metrics/group-sums.ts";

/** A trained model with its test rows ranked. */
export interface ScoredModel extends TrialRow {
  /** Grouped by user; user numbers are the same in all models. */
  readonly ranking: Ranking;
  /** Log losses by user, nats. */
  readonly losses: GroupSums;
}

/** Trained models on the same test rows. */
export interface ScoredModels {
  readonly models: readonly ScoredModel[];
  /** Distinct users of the test rows. */
  readonly users: number;
}

/**
 * Loads the models' test scores from the view `predictions`.
 *
 * @throws `INPUT_INVALID` if a model's predictions are incomplete, or for other rows than the first model's
 */
export async function loadScoredModels(
  db: Database,
  trained: readonly TrialRow[],
): Promise<ScoredModels> {
  let reference: TestRows | undefined;
  let users: { groups: Int32Array; count: number } = { groups: new Int32Array(0), count: 0 };
  const models: ScoredModel[] = [];
  for (const model of trained) {
    const rows = await loadTestRows(db, model);
    if (reference === undefined) {
      reference = rows;
      users = numberUsers(rows.users);
    }
    checkRows(rows, reference, model);
    const { probabilities, labels } = rows;
    models.push({
      ...model,
      ranking: rankRows(probabilities, labels, users.groups),
      losses: sumByGroup(rowLosses(probabilities, labels), users.groups, users.count),
    });
  }
  return { models, users: users.count };
}

interface TestRows {
  readonly users: Int32Array;
  readonly places: Int32Array;
  readonly labels: Int8Array;
  readonly probabilities: Float32Array;
}

async function loadTestRows(db: Database, model: TrialRow): Promise<TestRows> {
  const { backbone, variant, trial, seed, testRows: rows } = model;
  const columns = {
    users: new Int32Array(rows),
    places: new Int32Array(rows),
    labels: new Int8Array(rows),
    probabilities: new Float32Array(rows),
  };
  const params = { backbone, variant, trial, seed };
  let filled = 0;
  for await (const batch of readBatches(db, sqlFile("experiments/model_predictions"), { params })) {
    if (filled + batch.numRows <= rows) {
      columns.users.set(int32Column(batch, "user_id"), filled);
      columns.places.set(int32Column(batch, "rn"), filled);
      columns.labels.set(int8Column(batch, "label"), filled);
      columns.probabilities.set(float32Column(batch, "probability"), filled);
    }
    filled += batch.numRows;
  }
  if (filled !== rows) {
    throw new FlowError(
      "INPUT_INVALID",
      `predictions: ${modelName(model)} has ${filled} rows, results says ${rows}; train it again`,
    );
  }
  return columns;
}

function checkRows(rows: TestRows, reference: TestRows, model: TrialRow): void {
  const isSame =
    areEqual(rows.users, reference.users) &&
    areEqual(rows.places, reference.places) &&
    areEqual(rows.labels, reference.labels);
  if (isSame) return;
  throw new FlowError(
    "INPUT_INVALID",
    `predictions: ${modelName(model)} was scored on other test rows than the first model; ` +
      "models can only be compared on the same rows, train them all on the same samples",
  );
}

function areEqual(a: Int32Array | Int8Array, b: Int32Array | Int8Array): boolean {
  return a.length === b.length && a.every((value, row) => value === b[row]);
}

/** Numbers users from 0 in their order; `users` must be sorted. */
function numberUsers(users: Int32Array): { groups: Int32Array; count: number } {
  let count = 0;
  const groups = users.map((user, row) =>
    row === 0 || user !== users[row - 1] ? count++ : count - 1,
  );
  return { groups, count };
}
