import { FlowError } from "../errors.ts";
import type { TaskContext, TaskProgress } from "../flow/task.ts";
import { shuffledRows, type Batcher } from "./batcher.ts";
import type { Engine } from "./engine.ts";
import { auc, logLoss } from "./metrics.ts";
import { createPacer } from "./pacer.ts";
import type { SampleColumns, SplitColumns } from "./sample-columns.ts";
import { learningRateAt } from "./schedule.ts";
import type { TrainSettings } from "./settings.ts";

/** What chooses the epoch that is scored: the best AUC on the valid or the test split, or simply the last epoch. */
export type Selection = "valid" | "test" | "last";

export interface TrainModelOptions {
  /** Fresh; after training it holds the chosen epoch's weights. */
  readonly engine: Engine;
  readonly batcher: Batcher;
  readonly samples: Pick<SampleColumns, "train" | "valid" | "test">;
  readonly settings: Pick<
    TrainSettings,
    "batchSize" | "learningRate" | "schedule" | "epochs" | "patience"
  >;
  readonly selection: Selection;
  /** Of the shuffling. */
  readonly seed: number;
  /** Shown beside the progress and named in errors: `dcn r4ec seed 1`. */
  readonly name: string;
  readonly context: Pick<TaskContext, "signal" | "progress">;
  /** Milliseconds that never go back. Default `performance.now`. */
  readonly now?: () => number;
}

/** One epoch, as the table `training_log` has it. */
export interface EpochLog {
  /** From 1. */
  readonly epoch: number;
  /** Mean over the epoch's rows, each before its own update, nats. */
  readonly trainLoss: number;
  /** Null without valid rows, and when these are all of one class. */
  readonly validAuc: number | null;
  /** Nats; null without valid rows. */
  readonly validLogLoss: number | null;
  /** Of the epoch's last step. */
  readonly learningRate: number;
  /** Wall time, training and validation. */
  readonly seconds: number;
  /** Training rows a second, validation left out. */
  readonly rowsPerS: number;
}

export interface TrainedModel {
  readonly log: readonly EpochLog[];
  /** The epoch whose weights were scored. */
  readonly bestEpoch: number;
  /** Of the test rows, shape `[test rows]`. */
  readonly probabilities: Float32Array;
}

/**
 * Trains to the end or until the AUC on the selecting split has not risen for `patience` epochs, then scores the test rows
 * with the weights of the best epoch.
 *
 * @throws `INPUT_INVALID` when the selecting split is empty or of one class, `STAGE_FAILED` when the loss is no longer a number
 */
export async function trainModel(options: TrainModelOptions): Promise<TrainedModel> {
  const { engine, batcher, samples, settings, selection, seed, name, context } = options;
  const now = options.now ?? (() => performance.now());
  const { train, valid, test } = samples;
  const stepsPerEpoch = Math.ceil(train.rows / settings.batchSize);
  const schedule = {
    kind: settings.schedule,
    learningRate: settings.learningRate,
    totalSteps: settings.epochs * stepsPerEpoch,
  };
  const log: EpochLog[] = [];
  let best: { epoch: number; auc: number; parameters: Float32Array } | undefined;
  let [step, epoch, rowsDone, lossSum, lossRows] = [0, 1, 0, 0, 0];
  let shownAuc: number | null = null;

  const report = (isLast = false): void => {
    const progress: TaskProgress = {
      rowsDone,
      rowsTotal: isLast ? rowsDone : settings.epochs * train.rows,
      detail: {
        model: name,
        epoch: `${epoch}/${settings.epochs}`,
        ...(lossRows > 0 && { loss: (lossSum / lossRows).toFixed(4) }),
        ...(shownAuc !== null && {
          [selection === "test" ? "testAuc" : "validAuc"]: shownAuc.toFixed(4),
        }),
      },
    };
    context.progress(progress);
  };
  const pace = createPacer({ signal: context.signal, now, report });

  async function score(split: SplitColumns): Promise<Float32Array> {
    const probabilities = new Float32Array(split.rows);
    let scored = 0;
    for (const batch of batcher.batches(split)) {
      probabilities.set(await engine.predict(batch), scored);
      scored += batch.size;
      await pace();
    }
    if (probabilities.some(Number.isNaN)) throw diverged(name, epoch, step);
    return probabilities;
  }

  async function trainEpoch(): Promise<void> {
    [lossSum, lossRows] = [0, 0];
    for (const batch of batcher.batches(train, shuffledRows(train.rows, seed, epoch))) {
      const loss = await engine.step(batch, learningRateAt(step, schedule));
      if (!Number.isFinite(loss)) throw diverged(name, epoch, step);
      step++;
      lossSum += loss * batch.size;
      lossRows += batch.size;
      rowsDone += batch.size;
      await pace();
    }
  }

  report();
  for (; epoch <= settings.epochs; epoch++) {
    const start = now();
    await trainEpoch();
    const trainSeconds = (now() - start) / 1000;
    const validScores = valid.rows > 0 ? await score(valid) : undefined;
    const validAuc = validScores ? auc(validScores, valid.labels) : null;
    shownAuc = selection === "test" ? auc(await score(test), test.labels) : validAuc;
    log.push({
      epoch,
      trainLoss: lossSum / train.rows,
      validAuc,
      validLogLoss: validScores ? logLoss(validScores, valid.labels) : null,
      learningRate: learningRateAt(step - 1, schedule),
      seconds: (now() - start) / 1000,
      rowsPerS: train.rows / trainSeconds,
    });
    if (selection === "last") continue;
    if (shownAuc === null) throw cannotSelect(selection, samples[selection]);
    if (best === undefined || shownAuc > best.auc) {
      best = { epoch, auc: shownAuc, parameters: await engine.snapshot() };
    } else if (epoch - best.epoch >= settings.patience) {
      break;
    }
  }
  epoch = log.length;
  if (best !== undefined) await engine.restore(best.parameters);
  const probabilities = await score(test);
  report(true);
  return { log, bestEpoch: best?.epoch ?? epoch, probabilities };
}

function diverged(name: string, epoch: number, step: number): FlowError {
  return new FlowError(
    "STAGE_FAILED",
    `train: ${name} diverged in epoch ${epoch} (step ${step}): the loss is no longer a number; lower train.learningRate`,
  );
}

function cannotSelect(selection: "valid" | "test", split: SplitColumns): FlowError {
  const why = split.rows === 0 ? "is empty" : `has rows of one class only (${split.rows} rows)`;
  return new FlowError(
    "INPUT_INVALID",
    `samples: the ${selection} split ${why}, so no AUC can choose the epoch; widen that period`,
  );
}
