import type { AdamOptions } from "./adam-options.ts";

/** The numbers of one step that all parameters share. */
export interface AdamScalars {
  readonly beta1: number;
  readonly beta2: number;
  readonly stepSize: number;
  readonly epsilon: number;
  readonly decay: number;
}

/**
 * A function from step (from 1) and learning rate to the scalars of the update
 * `m = beta1 m + (1 - beta1) g`, `v = beta2 v + (1 - beta2) g²`, `p = decay p - stepSize m / (√v + epsilon)`, with the gradients g.
 *
 * Source: Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2019, algorithm 2.
 */
export function adamScalars({
  beta1 = 0.9,
  beta2 = 0.999,
  epsilon = 1e-8,
  epsilonPlacement = "afterBiasCorrection",
  weightDecay = 0,
}: AdamOptions = {}): (step: number, learningRate: number) => AdamScalars {
  return (step, learningRate) => {
    const correction1 = 1 - beta1 ** step;
    const correction2 = Math.sqrt(1 - beta2 ** step);
    // lr (m / c1) / (√v / c2 + epsilon) = (lr c2 / c1) m / (√v + epsilon c2): both corrections leave the inner loop.
    return {
      beta1,
      beta2,
      stepSize: (learningRate * correction2) / correction1,
      epsilon: epsilonPlacement === "afterBiasCorrection" ? epsilon * correction2 : epsilon,
      decay: 1 - learningRate * weightDecay,
    };
  };
}
