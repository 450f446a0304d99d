/** Where a step stands in the whole of training. */
export interface ScheduleOptions {
  readonly kind: "cosine" | "constant";
  /** The highest rate: of the first step after the warm-up. */
  readonly learningRate: number;
  /** Steps over all epochs, >= 1. */
  readonly totalSteps: number;
  /** Share of these steps, 0 to 1, over which the rate rises from 0; default 0. */
  readonly warmup?: number;
}

/**
 * Learning rate of a step. Warm-up: from 0, which a step before the first would have, evenly up to `learningRate`. Cosine: half a
 * period over the STEPS that remain, from `learningRate` towards 0 (Loshchilov & Hutter, "SGDR", 2017, without restarts and with
 * minimum 0).
 *
 * @param step - From 0
 */
export function learningRateAt(
  step: number,
  { kind, learningRate, totalSteps, warmup = 0 }: ScheduleOptions,
): number {
  const warmupSteps = Math.round(warmup * totalSteps);
  if (step < warmupSteps) return (learningRate * (step + 1)) / (warmupSteps + 1);
  switch (kind) {
    case "constant":
      return learningRate;
    case "cosine": {
      const done = (step - warmupSteps) / (totalSteps - warmupSteps);
      return (learningRate / 2) * (1 + Math.cos(Math.PI * done));
    }
    default:
      return kind satisfies never;
  }
}
