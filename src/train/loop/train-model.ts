import { FlowError } from "../../base/errors.ts";
import type { TaskContext } from "../../flow/task.ts";
import type { Batcher } from "../data/batcher.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { Engine } from "../engine/engine.ts";
import { auc, logLoss } from "../../metrics/metrics.ts";
import { createPacer } from "../../base/pacer.ts";
import type { ScoredRows } from "../../metrics/bucket-scores.ts";
import { copyKeys, emptyKeys, type RowKeys } from "../data/row-keys.ts";
import type { RowPieces, SampleSplit } from "../data/sample-split.ts";
import type { Samples } from "../data/samples.ts";
import { learningRateAt } from "../../optim/schedule.ts";
import type { TrainSettings } from "../settings.ts";
import {
  epochStart,
  isOver,
  secondsSpent,
  type EpochLog,
  type TrainingProgress,
} from "./training-progress.ts";
import { type Selection } from "../../base/terms.ts";
import { trainingReport } from "./training-report.ts";
import { batchWeight } from "../engine/batch-weight.ts";

export interface TrainModelOptions {
  /** A fresh engine; after training it holds the chosen epoch's weights. */
  readonly engine: Engine;
  readonly batcher: Batcher;
  readonly samples: Pick<Samples, "train" | "valid" | "test" | "isStreamed">;
  readonly settings: Pick<
    TrainSettings,
    "batchSize" | "learningRate" | "schedule" | "warmup" | "epochs" | "patience" | "stopOn"
  >;
  readonly selection: Selection;
  /** For shuffling. */
  readonly seed: number;
  /** For progress and errors, e.g. `dcn r4ec seed 1`. */
  readonly name: string;
  readonly context: Pick<TaskContext, "signal" | "progress">;
  /** Where to resume from and save to. Absent: training starts from scratch and saves nothing. */
  readonly checkpoint?: Checkpoint;
  /** A monotonic clock, milliseconds. Default `performance.now`. */
  readonly now?: () => number;
}

/** A trained model with its test scores, in the order of the split. */
export interface TrainedModel extends ScoredRows {
  /** What the test scores are for. */
  readonly testRows: RowKeys;
  readonly log: readonly EpochLog[];
  /** The epoch whose weights were used for the test scores. */
  readonly bestEpoch: number;
  /** Wall time of earlier attempts that were resumed, s. */
  readonly secondsBefore: number;
}

/**
 * Trains until the last epoch, or until the selecting split has not improved for `patience` epochs, then scores the test rows with
 * the best epoch's weights. Stopped at any point and resumed from its checkpoint, it trains the same model: bit for bit, if the
 * engine is deterministic.
 *
 * @throws `INPUT_INVALID` if the selecting split is empty or, for AUC, has one class only; `STAGE_FAILED` if the loss becomes NaN or
 *   infinite
 */
export async function trainModel(options: TrainModelOptions): Promise<TrainedModel> {
  const { engine, batcher, samples, settings, selection, seed, name, context, checkpoint } =
    options;
  const now = options.now ?? (() => performance.now());
  const { train, valid, test } = samples;
  const { batchSize, epochs, stopOn } = settings;
  const { schedule: kind, learningRate, warmup } = settings;
  const stepsPerEpoch = Math.ceil(train.rows / batchSize);
  const schedule = { kind, learningRate, warmup, totalSteps: epochs * stepsPerEpoch };

  const resumed = await checkpoint?.load(engine);
  let progress: TrainingProgress = resumed?.progress ?? { log: [], ...epochStart, best: null };
  let bestModel = resumed?.bestModel;
  const secondsBefore = secondsSpent(progress);
  let countedAt = now();
  let savedAt = countedAt;

  const epoch = (): number => progress.log.length + 1;
  const step = (): number => progress.log.length * stepsPerEpoch + progress.steps;
  const report = (isLast = false): void => {
    const { rows } = train;
    context.progress(trainingReport(progress, { name, rows, selection, settings, isLast }));
  };
  // Streamed rows are read while the event loop turns.
  const breath = samples.isStreamed ? { breathMs: 0 } : {};
  const pace = createPacer({ signal: context.signal, now, report, ...breath });

  function countSeconds(): void {
    const time = now();
    progress = { ...progress, seconds: progress.seconds + (time - countedAt) / 1000 };
    countedAt = time;
  }

  async function save(): Promise<void> {
    countSeconds();
    await checkpoint?.save(engine, { progress, ...(bestModel && { bestModel }) });
    savedAt = now();
  }

  async function score({ rows }: SampleSplit, pieces: RowPieces): Promise<ScoredRows> {
    const probabilities = new Float32Array(rows);
    const labels = new Int8Array(rows);
    let scored = 0;
    for await (const batch of batcher.batches(pieces)) {
      probabilities.set(await engine.predict(batch), scored);
      labels.set(batch.labels.subarray(0, batch.size), scored);
      scored += batch.size;
      await pace();
    }
    if (probabilities.some(Number.isNaN)) throw diverged(name, epoch(), step());
    return { probabilities, labels };
  }

  async function measure(split: SampleSplit): Promise<SplitMetrics> {
    if (split.rows === 0) return unmeasured;
    const { probabilities, labels } = await score(split, split.inOrder());
    return { auc: auc(probabilities, labels), logLoss: logLoss(probabilities, labels) };
  }

  async function trainEpoch(): Promise<void> {
    const skip = progress.steps * batchSize;
    for await (const batch of batcher.batches(train.shuffled({ seed, epoch: epoch(), skip }))) {
      const loss = await engine.step(batch, learningRateAt(step(), schedule));
      if (!Number.isFinite(loss)) throw diverged(name, epoch(), step());
      const weight = batchWeight(batch);
      const lossSum = progress.lossSum + loss * weight;
      const weightSum = progress.weightSum + weight;
      progress = { ...progress, steps: progress.steps + 1, lossSum, weightSum };
      if (checkpoint && now() - savedAt >= checkpoint.everyMs) await save();
      await pace();
    }
    countSeconds();
    progress = { ...progress, trainSeconds: progress.trainSeconds ?? progress.seconds };
  }

  async function closeEpoch(): Promise<void> {
    const onValid = await measure(valid);
    const onTest = selection === "test" ? await measure(test) : unmeasured;
    let { best } = progress;
    if (selection !== "last") {
      const quality = qualityOf(selection === "test" ? onTest : onValid, stopOn);
      if (quality === null) throw cannotSelect(selection, samples[selection]);
      if (best === null || quality > best.quality) {
        best = { epoch: epoch(), quality };
        bestModel = await engine.snapshot();
      }
    }
    countSeconds();
    const done: EpochLog = {
      epoch: epoch(),
      trainLoss: progress.lossSum / progress.weightSum,
      validAuc: onValid.auc,
      validLogLoss: onValid.logLoss,
      testAuc: onTest.auc,
      testLogLoss: onTest.logLoss,
      learningRate: learningRateAt(step() - 1, schedule),
      seconds: progress.seconds,
      rowsPerS: train.rows / (progress.trainSeconds ?? progress.seconds),
    };
    progress = { log: [...progress.log, done], ...epochStart, best };
  }

  report();
  try {
    while (!isOver(progress, settings)) {
      await trainEpoch();
      await closeEpoch();
      await save();
    }
  } catch (error) {
    if (context.signal.aborted) await save();
    throw error;
  }
  if (bestModel !== undefined) await engine.restore(bestModel);
  const testRows = emptyKeys(test.rows);
  const scored = await score(test, copyKeys(test.inOrder(), testRows));
  report(true);
  const { log, best } = progress;
  return { ...scored, testRows, log, bestEpoch: best?.epoch ?? log.length, secondsBefore };
}

/** A model's metrics on a split. */
interface SplitMetrics {
  /** Null if all rows have the same label. */
  readonly auc: number | null;
  /** Nats. */
  readonly logLoss: number | null;
}

/** For a split without rows, or one that is not scored. */
const unmeasured: SplitMetrics = { auc: null, logLoss: null };

/** One number that is larger for the better model. */
function qualityOf({ auc, logLoss }: SplitMetrics, stopOn: TrainSettings["stopOn"]): number | null {
  if (stopOn === "auc") return auc;
  return logLoss === null ? null : -logLoss;
}

function diverged(name: string, epoch: number, step: number): FlowError {
  return new FlowError(
    "STAGE_FAILED",
    `train: ${name} diverged in epoch ${epoch} (step ${step}): the loss is no longer a number; lower train.learningRate`,
  );
}

function cannotSelect(selection: "valid" | "test", split: SampleSplit): FlowError {
  const why = split.rows === 0 ? "is empty" : `has rows of one class only (${split.rows} rows)`;
  return new FlowError(
    "INPUT_INVALID",
    `samples: the ${selection} split ${why}, so it cannot choose the epoch; widen that period`,
  );
}
