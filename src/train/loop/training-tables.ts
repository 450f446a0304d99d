import type { TaskContext, WrittenFile } from "../../flow/task.ts";
import { type Row, withDatabase } from "../../tables/database.ts";
import { writeBatches } from "../../tables/write-batches.ts";
import { auc, expectedCalibrationError, gauc, logLoss } from "../../metrics/metrics.ts";
import { rowBatches } from "../../tables/row-batches.ts";
import type { SplitSize } from "../data/sample-split.ts";
import { countCovered, type VectorTable } from "../data/vectors.ts";
import type { TrainParams } from "../train-tasks.ts";
import type { EpochLog } from "./training-progress.ts";
import type { TrainingOutcome } from "./training-outcome.ts";
import { writePredictions } from "./write-predictions.ts";

/** Writes the model's parts of `training_log`, `results` and `predictions`. */
export function writeTrainingTables(
  outcome: TrainingOutcome,
  context: TaskContext,
): Promise<readonly WrittenFile[]> {
  const { params, trained } = outcome;
  return withDatabase(context, async (db) => {
    const write = (
      table: string,
      rows: number,
      rowAt: (row: number) => Row,
    ): Promise<WrittenFile> => writeBatches(db, table, rowBatches(table, rows, rowAt), context);
    const predictions = await writePredictions(db, outcome, context);
    const result = resultRow(outcome);
    return [
      await write("training_log", trained.log.length, (row) => logRow(params, trained.log[row])),
      await write("results", 1, () => result),
      predictions,
    ];
  });
}

function logRow(params: TrainParams, epoch: EpochLog | undefined): Row {
  return {
    ...modelOf(params),
    epoch: epoch?.epoch,
    train_loss: epoch?.trainLoss,
    valid_auc: epoch?.validAuc,
    valid_logloss: epoch?.validLogLoss,
    test_auc: epoch?.testAuc,
    test_logloss: epoch?.testLogLoss,
    learning_rate: epoch?.learningRate,
    seconds: epoch?.seconds,
    rows_per_s: epoch?.rowsPerS,
  };
}

function resultRow(outcome: TrainingOutcome): Row {
  const { params, trained, selection } = outcome;
  const { samples, knowledge } = outcome.data;
  const { train, valid, test } = samples;
  const { probabilities, labels, testRows, bestEpoch, log } = trained;
  const coverage = (subjects: Int32Array, vectors: VectorTable | undefined): number | null =>
    vectors ? countCovered(subjects, vectors) / test.rows : null;
  const selectedRows = { valid: valid.rows, test: test.rows, last: 0 };
  const scored = log.find(({ epoch }) => epoch === bestEpoch);
  return {
    ...modelOf(params),
    role: params.role,
    settings: JSON.stringify(params.settings ?? {}),
    engine: outcome.engine,
    auc: auc(probabilities, labels),
    logloss: logLoss(probabilities, labels),
    gauc: gauc(probabilities, labels, testRows.users),
    ece: expectedCalibrationError(probabilities, labels),
    valid_auc: scored?.validAuc,
    valid_logloss: scored?.validLogLoss,
    best_epoch: bestEpoch,
    epochs: log.length,
    selected_on: selection,
    parameters: outcome.parameterCount,
    train_rows: train.rows,
    valid_rows: selectedRows[selection],
    test_rows: test.rows,
    train_positive_rate: positiveRate(train),
    test_positive_rate: positiveRate(test),
    user_coverage: coverage(testRows.users, knowledge?.user),
    item_coverage: coverage(testRows.items, knowledge?.item),
    seconds: outcome.seconds,
  };
}

/** The columns that identify a trained model. */
function modelOf({ backbone, variant, trial, seed }: TrainParams): Row {
  return { backbone, variant, trial, seed };
}

function positiveRate({ positives, rows }: SplitSize): number {
  return positives / rows;
}
