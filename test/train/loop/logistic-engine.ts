import type { Batch, Engine } from "../../../src/train/engine/engine.ts";

/**
 * Logistic regression in plain TypeScript behind the engine's contract: one weight an item, one a number of the user's vector,
 * and a bias; plain gradient descent.
 */
export function createLogisticEngine(items: number, userDim = 0): Engine {
  const parameters = new Float32Array(items + 1 + userDim + 1);
  const features = (batch: Batch, row: number): readonly (readonly [number, number])[] => [
    [batch.items[row] ?? 0, 1],
    ...Array.from(
      { length: userDim },
      (_none, place) =>
        [items + 1 + place, batch.userVectors?.[row * userDim + place] ?? 0] as const,
    ),
    [parameters.length - 1, 1],
  ];
  const probability = (batch: Batch, row: number): number => {
    const logit = features(batch, row).reduce(
      (sum, [place, value]) => sum + (parameters[place] ?? 0) * value,
      0,
    );
    return 1 / (1 + Math.exp(-logit));
  };
  return {
    parameterCount: parameters.length,
    step: (batch, learningRate) => {
      let loss = 0;
      const gradient = new Float32Array(parameters.length);
      for (let row = 0; row < batch.size; row++) {
        const label = batch.labels[row] ?? 0;
        const p = probability(batch, row);
        loss -= Math.log(label === 1 ? p : 1 - p);
        for (const [place, value] of features(batch, row)) {
          gradient[place] = (gradient[place] ?? 0) + (p - label) * value;
        }
      }
      gradient.forEach((value, place) => {
        parameters[place] = (parameters[place] ?? 0) - (learningRate * value) / batch.size;
      });
      return Promise.resolve(loss / batch.size);
    },
    predict: (batch) =>
      Promise.resolve(
        Float32Array.from({ length: batch.size }, (_none, row) => probability(batch, row)),
      ),
    tensors: [{ name: "weights", shape: [parameters.length], kind: "parameter" }],
    snapshot: () => Promise.resolve(parameters.slice()),
    restore: (values) => {
      parameters.set(values);
      return Promise.resolve();
    },
    optimizerState: () => {
      const none = new Float32Array(parameters.length);
      return Promise.resolve({ steps: 0, firstMoments: none, secondMoments: none });
    },
    restoreOptimizer: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}
