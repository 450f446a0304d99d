import type { TaskContext, WrittenFile } from "../../flow/task.ts";
import { withDatabase, type Row } from "../../tables/database.ts";
import { writeBatches } from "../../tables/write-batches.ts";
import type { TrainedModel } from "./loop.ts";
import { auc, expectedCalibrationError, gauc, logLoss } from "../../metrics/metrics.ts";
import { rowBatches } from "../../tables/row-batches.ts";
import type { SplitSize } from "../data/sample-split.ts";
import type { TrainParams } from "../settings.ts";
import type { TrainingData } from "../data/training-data.ts";
import type { EpochLog } from "./training-progress.ts";
import type { Selection } from "../../base/terms.ts";
import { writePredictions, type TestedRows } from "./write-predictions.ts";

/** One trained model, about to be written down. */
export interface TrainingOutcome {
  readonly params: TrainParams;
  readonly data: TrainingData;
  readonly trained: TrainedModel;
  readonly selection: Selection;
  /** What computed it. */
  readonly engine: string;
  /** Trainable numbers. */
  readonly parameterCount: number;
  /** Wall time of the whole task. */
  readonly seconds: number;
}

/** Writes the model's part of `training_log`, `results` and `predictions`. */
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
    const { file: predictions, tested } = await writePredictions(db, outcome, context);
    const result = resultRow(outcome, tested);
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

function resultRow(outcome: TrainingOutcome, tested: TestedRows): Row {
  const { params, trained, selection } = outcome;
  const { samples, knowledge } = outcome.data;
  const { train, valid, test } = samples;
  const { probabilities, labels, bestEpoch, log } = trained;
  const selectedRows = { valid: valid.rows, test: test.rows, last: 0 };
  const scored = log.find(({ epoch }) => epoch === bestEpoch);
  return {
    ...modelOf(params),
    role: params.role,
    settings: JSON.stringify(params.settings ?? {}),
    engine: outcome.engine,
    auc: auc(probabilities, labels),
    logloss: logLoss(probabilities, labels),
    gauc: gauc(probabilities, labels, tested.users),
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
    user_coverage: knowledge?.user ? tested.userCovered / test.rows : null,
    item_coverage: knowledge?.item ? tested.itemCovered / test.rows : null,
    seconds: outcome.seconds,
  };
}

/** The columns that tell one trained model from another. */
function modelOf({ backbone, variant, trial, seed }: TrainParams): Row {
  return { backbone, variant, trial, seed };
}

function positiveRate({ positives, rows }: SplitSize): number {
  return positives / rows;
}
