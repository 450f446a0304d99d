import type { Tensor, Variable } from "@tensorflow/tfjs-core";

import { adamScalars } from "../../optim/adam-scalars.ts";
import type { AdamOptions, OptimizerState } from "../../optim/adam-options.ts";
import type { Tfjs } from "./load-tfjs.ts";

/** AdamW on one variable. Its backend must be active. */
export interface TfjsAdam {
  /** Takes a step; the gradients have the variable's shape. */
  readonly update: (gradients: Tensor, learningRate: number) => void;
  /** Steps taken. */
  readonly steps: () => number;
  readonly state: () => Promise<OptimizerState>;
  readonly restore: (state: OptimizerState) => void;
  readonly close: () => void;
}

/**
 * AdamW on `parameters`, with zero moments. TensorFlow.js's own Adam has no weight decay and a fixed place for epsilon; this one
 * matches the ONNX engine's kernel operation by operation.
 */
export function createTfjsAdam(tf: Tfjs, parameters: Variable, options?: AdamOptions): TfjsAdam {
  const scalarsOf = adamScalars(options);
  const zeros = () => tf.tidy(() => tf.variable(tf.zerosLike(parameters)));
  const firstMoments = zeros();
  const secondMoments = zeros();
  let step = 0;
  return {
    update: (gradients, learningRate) => {
      step++;
      const { beta1, beta2, stepSize, epsilon, decay } = scalarsOf(step, learningRate);
      tf.tidy(() => {
        firstMoments.assign(tf.add(tf.mul(firstMoments, beta1), tf.mul(gradients, 1 - beta1)));
        secondMoments.assign(
          tf.add(tf.mul(secondMoments, beta2), tf.mul(tf.square(gradients), 1 - beta2)),
        );
        const update = tf.div(
          tf.mul(firstMoments, stepSize),
          tf.add(tf.sqrt(secondMoments), epsilon),
        );
        parameters.assign(tf.sub(tf.mul(parameters, decay), update));
      });
    },
    steps: () => step,
    state: async () => ({
      steps: step,
      firstMoments: Float32Array.from(await firstMoments.data()),
      secondMoments: Float32Array.from(await secondMoments.data()),
    }),
    restore: (state) => {
      step = state.steps;
      tf.tidy(() => {
        firstMoments.assign(tf.tensor1d(state.firstMoments.slice()));
        secondMoments.assign(tf.tensor1d(state.secondMoments.slice()));
      });
    },
    close: () => {
      tf.dispose([firstMoments, secondMoments]);
    },
  };
}
