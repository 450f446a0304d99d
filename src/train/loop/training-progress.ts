/** @file The state of training between two steps: with the engine's numbers, all it takes to resume. Plain data. */
import { z } from "zod";
import type { TrainSettings } from "../settings.ts";

/** One epoch, a row of the table `training_log`. */
export interface EpochLog {
  /** From 1. */
  readonly epoch: number;
  /** Weighted mean over the epoch's rows, each before its own update, nats. */
  readonly trainLoss: number;
  /** Null if there are no valid rows, or all have the same label. */
  readonly validAuc: number | null;
  /** Nats; null if there are no valid rows. */
  readonly validLogLoss: number | null;
  /** Null unless the test split chooses the epoch. */
  readonly testAuc: number | null;
  /** Nats; null unless the test split chooses the epoch. */
  readonly testLogLoss: number | null;
  /** At the epoch's last step. */
  readonly learningRate: number;
  /** Wall time of training and validation, over all attempts, s. */
  readonly seconds: number;
  /** Training rows per second, without validation. */
  readonly rowsPerS: number;
}

/** An epoch with its quality: AUC, or negated log loss, so that larger is better. */
export interface RatedEpoch {
  readonly epoch: number;
  readonly quality: number;
}

export interface TrainingProgress {
  /** The finished epochs; the current one is the next. */
  readonly log: readonly EpochLog[];
  /** Steps taken in the current epoch. */
  readonly steps: number;
  /** Weighted sum of the row losses in the current epoch, nats. */
  readonly lossSum: number;
  /** Sum of these rows' weights; their number where rows have no weights. */
  readonly weightSum: number;
  /** Wall time spent in the current epoch, s. */
  readonly seconds: number;
  /** How much of `seconds` was training; null until the epoch's last step. */
  readonly trainSeconds: number | null;
  /** Null before the first epoch ends, and if the last epoch is always used. */
  readonly best: RatedEpoch | null;
}

const figure = z.number().nullable();

/** Parses a saved {@link TrainingProgress}. */
export const trainingProgress = z.strictObject({
  log: z.array(
    z.strictObject({
      epoch: z.int(),
      trainLoss: z.number(),
      validAuc: figure,
      validLogLoss: figure,
      testAuc: figure,
      testLogLoss: figure,
      learningRate: z.number(),
      seconds: z.number(),
      rowsPerS: z.number(),
    }),
  ),
  steps: z.int().min(0),
  lossSum: z.number(),
  weightSum: z.number(),
  seconds: z.number(),
  trainSeconds: figure,
  best: z.strictObject({ epoch: z.int(), quality: z.number() }).nullable(),
}) satisfies z.ZodType<TrainingProgress>;

/** The state before an epoch's first step. */
export const epochStart = {
  steps: 0,
  lossSum: 0,
  weightSum: 0,
  seconds: 0,
  trainSeconds: null,
} as const;

/** Whether all epochs are trained, or the last `patience` epochs brought no improvement. */
export function isOver(
  { log, best }: TrainingProgress,
  { epochs, patience }: Pick<TrainSettings, "epochs" | "patience">,
): boolean {
  return log.length >= epochs || (best !== null && log.length - best.epoch >= patience);
}

/** Total time so far, s. */
export function secondsSpent({ log, seconds }: TrainingProgress): number {
  return log.reduce((sum, epoch) => sum + epoch.seconds, seconds);
}
