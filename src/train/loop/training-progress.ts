/** @file Where training stands between two steps: with the engine's numbers, all that it takes to go on. Plain data. */
import { z } from "zod";
import type { TrainSettings } from "../settings.ts";

/** One epoch, as the table `training_log` has it. */
export interface EpochLog {
  /** From 1. */
  readonly epoch: number;
  /** Mean over the epoch's rows, weighed where they have weights, each before its own update, nats. */
  readonly trainLoss: number;
  /** Null without valid rows, and when these are all of one class. */
  readonly validAuc: number | null;
  /** Nats; null without valid rows. */
  readonly validLogLoss: number | null;
  /** Null unless the test split chooses the epoch. */
  readonly testAuc: number | null;
  /** Nats; null unless the test split chooses the epoch. */
  readonly testLogLoss: number | null;
  /** Of the epoch's last step. */
  readonly learningRate: number;
  /** Wall time, training and validation, of all attempts. */
  readonly seconds: number;
  /** Training rows a second, validation left out. */
  readonly rowsPerS: number;
}

/** An epoch and how good it was: AUC, or log loss with its sign changed, so that more is better. */
export interface RatedEpoch {
  readonly epoch: number;
  readonly quality: number;
}

export interface TrainingProgress {
  /** The epochs that are over. The one under way is the next. */
  readonly log: readonly EpochLog[];
  /** Steps taken in the epoch under way. */
  readonly steps: number;
  /** Of each row's loss in the epoch under way, times its weight where rows have one, nats. */
  readonly lossSum: number;
  /** Of these rows' weights; their number where all count the same. */
  readonly weightSum: number;
  /** Wall time spent in the epoch under way. */
  readonly seconds: number;
  /** Of which training took this long; null while it trains. */
  readonly trainSeconds: number | null;
  /** Null before the first choice, and when the last epoch is taken. */
  readonly best: RatedEpoch | null;
}

const figure = z.number().nullable();

/** For reading a {@link TrainingProgress} back. */
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

/** Before the first step of an epoch. */
export const epochStart = {
  steps: 0,
  lossSum: 0,
  weightSum: 0,
  seconds: 0,
  trainSeconds: null,
} as const;

/** Whether no epoch is left to train, or none has been better for `patience` epochs. */
export function isOver(
  { log, best }: TrainingProgress,
  { epochs, patience }: Pick<TrainSettings, "epochs" | "patience">,
): boolean {
  return log.length >= epochs || (best !== null && log.length - best.epoch >= patience);
}

/** How long everything so far took, s. */
export function secondsSpent({ log, seconds }: TrainingProgress): number {
  return log.reduce((sum, epoch) => sum + epoch.seconds, seconds);
}
