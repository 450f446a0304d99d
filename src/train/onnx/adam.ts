/** @file AdamW over an arena. Source: Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2019, algorithm 2. */
import type { AdamOptions } from "../engine.ts";
import type { Arena } from "./arena.ts";
import { wasmAdamKernel } from "./adam-wasm.ts";

/** The numbers that one step's update has in common over all parameters. */
export interface AdamScalars {
  readonly beta1: number;
  readonly beta2: number;
  readonly stepSize: number;
  readonly epsilon: number;
  readonly decay: number;
}

/**
 * One update of all parameters in float32, g being the gradients:
 * `m = beta1 m + (1 - beta1) g`, `v = beta2 v + (1 - beta2) g²`, `p = decay p - stepSize m / (√v + epsilon)`.
 */
export type AdamKernel = (scalars: AdamScalars) => void;

/** AdamW on an arena. */
export interface Adam {
  /** A step with the gradients as they are then. */
  readonly update: (learningRate: number) => void;
  /** Steps taken. */
  readonly steps: () => number;
  /** Goes on as after `steps` steps, whose moments are in the arena. */
  readonly restore: (steps: number) => void;
}

/** AdamW on the arena's parameters. */
export function createAdam(
  arena: Arena,
  {
    beta1 = 0.9,
    beta2 = 0.999,
    epsilon = 1e-8,
    epsilonPlacement = "afterBiasCorrection",
    weightDecay = 0,
  }: AdamOptions = {},
  kernel: AdamKernel = wasmAdamKernel(arena) ?? plainAdamKernel(arena),
): Adam {
  let step = 0;
  return {
    update: (learningRate) => {
      step++;
      const correction1 = 1 - beta1 ** step;
      const correction2 = Math.sqrt(1 - beta2 ** step);
      // lr (m / c1) / (√v / c2 + epsilon) = (lr c2 / c1) m / (√v + epsilon c2): both corrections leave the inner loop.
      kernel({
        beta1,
        beta2,
        stepSize: (learningRate * correction2) / correction1,
        epsilon: epsilonPlacement === "afterBiasCorrection" ? epsilon * correction2 : epsilon,
        decay: 1 - learningRate * weightDecay,
      });
    },
    steps: () => step,
    restore: (steps) => {
      step = steps;
    },
  };
}

/** The update in TypeScript, rounded to float32 after every operation: bit for bit what the WebAssembly kernel computes. */
export function plainAdamKernel(arena: Arena): AdamKernel {
  const { values: parameters } = arena.parameters;
  const { values: gradients } = arena.gradients;
  const { values: firstMoments } = arena.firstMoments;
  const { values: secondMoments } = arena.secondMoments;
  const round = Math.fround;
  return (scalars) => {
    const { beta1, oneMinusBeta1, beta2, oneMinusBeta2, stepSize, epsilon, decay } =
      roundScalars(scalars);
    for (let index = 0; index < parameters.length; index++) {
      const gradient = gradients[index] ?? 0;
      const first = round(
        round((firstMoments[index] ?? 0) * beta1) + round(gradient * oneMinusBeta1),
      );
      const second = round(
        round((secondMoments[index] ?? 0) * beta2) +
          round(round(gradient * gradient) * oneMinusBeta2),
      );
      const update = round(round(first * stepSize) / round(round(Math.sqrt(second)) + epsilon));
      firstMoments[index] = first;
      secondMoments[index] = second;
      parameters[index] = round(round((parameters[index] ?? 0) * decay) - update);
    }
  };
}

/** The kernels' constants in float32. `1 - beta` is rounded once, from the exact difference. */
export function roundScalars({ beta1, beta2, stepSize, epsilon, decay }: AdamScalars) {
  return {
    beta1: Math.fround(beta1),
    oneMinusBeta1: Math.fround(1 - beta1),
    beta2: Math.fround(beta2),
    oneMinusBeta2: Math.fround(1 - beta2),
    stepSize: Math.fround(stepSize),
    epsilon: Math.fround(epsilon),
    decay: Math.fround(decay),
  };
}
