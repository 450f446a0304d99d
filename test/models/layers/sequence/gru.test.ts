import { describe, expect, test } from "vitest";

import { gru, stackStates } from "../../../../src/models/layers/sequence/gru.ts";
import type { Node } from "../../../../src/autodiff/graph.ts";
import {
  evaluate,
  gradientError,
  gradientTolerance,
  smallShape,
  type Harness,
} from "../../../autodiff/graph-harness.ts";

/** All states of a GRU of width 1 over three numbers: weights of r, z, n. */
const scalar = {
  x: [0.5, -1, 2],
  "gru.weight_ih_l0": [0.3, -0.7, 1.1],
  "gru.weight_hh_l0": [0.4, 0.6, -0.9],
  "gru.bias_ih_l0": [0.1, 0.2, 0.3],
  "gru.bias_hh_l0": [-0.2, 0.5, 0.7],
};
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** One step by the layer's formulas, with its change scaled by `share`. */
function scalarStep(x: number, h: number, share = 1): number {
  const r = sigmoid(0.3 * x + 0.1 + 0.4 * h - 0.2);
  const z = sigmoid(-0.7 * x + 0.2 + 0.6 * h + 0.5);
  const n = Math.tanh(1.1 * x + 0.3 + r * (-0.9 * h + 0.7));
  return h + share * (1 - z) * (n - h);
}

function statesOf(mask: readonly number[], attention?: readonly number[]) {
  return evaluate(
    (harness) => {
      const { ops } = harness;
      const steps = ops.tensor(mask, [1, 3]);
      const states = gru(harness, "gru", harness.leaf("x", [1, 3, 1]), {
        width: 1,
        mask: steps,
        ...(attention && { attention: ops.tensor(attention, [1, 3]) }),
      });
      return ops.concat([ops.reshape(stackStates(harness, states, steps), [1, 3]), states.last], 1);
    },
    { values: scalar, shape: { ...smallShape, batchSize: 1 } },
  );
}

function expectClose(values: readonly number[], expected: readonly number[]): void {
  expect(values).toHaveLength(expected.length);
  values.forEach((value, at) => {
    expect(value).toBeCloseTo(expected[at] ?? NaN, 5);
  });
}

describe("gru", () => {
  test("follows PyTorch's formulas with weights stacked reset, update, new", async () => {
    const first = scalarStep(0.5, 0);
    const second = scalarStep(-1, first);
    const third = scalarStep(2, second);
    const { values } = await statesOf([1, 1, 1]);
    expectClose(values, [first, second, third, third]);
  });

  test("padding keeps the state, and is zero in the stacked states", async () => {
    const first = scalarStep(0.5, 0);
    const second = scalarStep(-1, first);
    expectClose((await statesOf([1, 1, 0])).values, [first, second, 0, second]);
    expectClose((await statesOf([1, 0, 1])).values, [
      first,
      0,
      scalarStep(2, first),
      scalarStep(2, first),
    ]);
    expectClose((await statesOf([0, 0, 0])).values, [0, 0, 0, 0]);
  });

  test("attention scales each update; 1 everywhere is a plain GRU", async () => {
    const first = scalarStep(0.5, 0, 0.25);
    const second = scalarStep(-1, first, 0);
    const third = scalarStep(2, second, 0.5);
    expectClose((await statesOf([1, 1, 1], [0.25, 0, 0.5])).values, [first, second, third, third]);
    const plain = await statesOf([1, 1, 1]);
    expectClose((await statesOf([1, 1, 1], [1, 1, 1])).values, plain.values);
  });

  const layer =
    (steps: number) =>
    (harness: Harness): Node => {
      const { ops } = harness;
      const mask = ops.tensor([1, 1, 1, 1, 0, 0, 0, 0, 0].slice(0, 3 * steps), [3, steps]);
      const states = gru(harness, "gru", harness.leaf("x", [3, steps, 2]), {
        width: 2,
        mask,
        attention: harness.leaf("attention", [3, steps]),
      });
      return ops.concat([ops.reshape(stackStates(harness, states, mask), [3, -1]), states.last], 1);
    };
  test.each([3, 1])("over %d steps has the same gradient as finite differences", async (steps) => {
    const shape = { ...smallShape, history: steps };
    expect(await gradientError(layer(steps), { shape })).toBeLessThan(gradientTolerance);
  });
});
