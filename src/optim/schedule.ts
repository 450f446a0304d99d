/** Settings of the learning rate schedule. */
export interface ScheduleOptions {
  readonly kind: "cosine" | "constant";
  /** The peak rate, reached at the first step after the warm-up. */
  readonly learningRate: number;
  /** Steps in all epochs, >= 1. */
  readonly totalSteps: number;
  /** Share of the steps, 0 to 1, in which the rate rises from 0; default 0. */
  readonly warmup?: number;
}

/**
 * Learning rate of a step. Warm-up: linear from 0 (a virtual step before the first) to `learningRate`. Cosine: half a period over the
 * remaining steps, from `learningRate` towards 0 (Loshchilov and Hutter, "SGDR", 2017, without restarts, minimum 0).
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
