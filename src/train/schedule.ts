/** Where a step stands in the whole of training. */
export interface ScheduleOptions {
  readonly kind: "cosine" | "constant";
  /** Rate of the first step. */
  readonly learningRate: number;
  /** Steps over all epochs, >= 1. */
  readonly totalSteps: number;
}

/**
 * Learning rate of a step. Cosine: half a period over `totalSteps` STEPS, from `learningRate` towards 0
 * (Loshchilov & Hutter, "SGDR", 2017, without restarts and with minimum 0).
 *
 * @param step - From 0
 */
export function learningRateAt(
  step: number,
  { kind, learningRate, totalSteps }: ScheduleOptions,
): number {
  switch (kind) {
    case "constant":
      return learningRate;
    case "cosine":
      return (learningRate / 2) * (1 + Math.cos((Math.PI * step) / totalSteps));
    default:
      return kind satisfies never;
  }
}
