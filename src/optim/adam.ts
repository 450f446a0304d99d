/** @file AdamW over an arena. */
import { roundScalars, type AdamKernel } from "./adam-kernel.ts";
import { adamScalars } from "./adam-scalars.ts";
import type { AdamOptions } from "./adam-options.ts";
import type { Arena } from "./arena.ts";
import { wasmAdamKernel } from "./adam-wasm.ts";

/** AdamW on an arena. */
export interface Adam {
  /** One step with the arena's current gradients. */
  readonly update: (learningRate: number) => void;
  /** Steps taken. */
  readonly steps: () => number;
  /** Continues after `steps` steps, whose moments the arena already holds. */
  readonly restore: (steps: number) => void;
}

/** AdamW on the arena's parameters. */
export function createAdam(
  arena: Arena,
  options?: AdamOptions,
  kernel: AdamKernel = wasmAdamKernel(arena) ?? plainAdamKernel(arena),
): Adam {
  const scalarsOf = adamScalars(options);
  let step = 0;
  return {
    update: (learningRate) => {
      step++;
      kernel(scalarsOf(step, learningRate));
    },
    steps: () => step,
    restore: (steps) => {
      step = steps;
    },
  };
}

/** The update in TypeScript, rounded to float32 after every operation: bit-identical to the WebAssembly kernel. */
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
