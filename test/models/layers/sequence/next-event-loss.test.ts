import { describe, expect, test } from "vitest";

import { nextEventLoss } from "../../../../src/models/layers/sequence/next-event-loss.ts";
import type { Node } from "../../../../src/autodiff/graph.ts";
import {
  evaluate,
  gradientError,
  gradientTolerance,
  smallShape,
  type Harness,
} from "../../../autodiff/graph-harness.ts";

/** Three rows of three, two and two events; the third pads the batch. */
const build = (harness: Harness): Node => {
  const loss = nextEventLoss(
    harness,
    {
      historyMask: harness.ops.tensor([1, 1, 1, 1, 1, 0, 1, 1, 0], [3, 3]),
      rowWeights: harness.ops.tensor([1 / 2, 1 / 2, 0], [3]),
    },
    harness.leaf("states", [3, 3, 2]),
    harness.leaf("events", [3, 3, 2]),
  );
  return loss ?? harness.ops.constant(NaN);
};
const shape = { ...smallShape, batchSize: 3, history: 3 };
const softplus = (x: number) => Math.log(1 + Math.exp(x));

describe("nextEventLoss", () => {
  test("compares the next event with the next row's, if both are real", async () => {
    // States and events of one number, the second being 0.
    const states = [1, 2, 9, 3, 9, 9, 9, 9, 9].flatMap((value) => [value, 0]);
    const events = [9, 0.5, -0.25, 9, 0.1, 8, 9, 7, 8].flatMap((value) => [value, 5]);
    const { shape: scalar, values } = await evaluate(build, { values: { states, events }, shape });
    const next = [1 * 0.5, 2 * -0.25, 3 * 0.1];
    const others = [1 * 0.1]; // row 0's first state with row 1's second event; row 1 has no row after it that counts
    const expected =
      next.reduce((sum, product) => sum + softplus(-product), 0) / next.length +
      others.reduce((sum, product) => sum + softplus(product), 0) / others.length;
    expect(scalar).toEqual([]);
    expect(values[0]).toBeCloseTo(expected, 5);
  });

  test("weights a row's losses by the row's weight, not by that of the negatives", async () => {
    const weighed = (harness: Harness): Node => {
      const { ops } = harness;
      const loss = nextEventLoss(
        harness,
        {
          historyMask: ops.constant(1, [3, 2]),
          rowWeights: ops.constant(1 / 3, [3]),
          lossWeights: ops.tensor([1 / 4, 3 / 4, 0], [3]),
        },
        harness.leaf("states", [3, 2, 1]),
        harness.leaf("events", [3, 2, 1]),
      );
      return loss ?? ops.constant(NaN);
    };
    const states = [1, 9, 2, 9, 3, 9];
    const events = [9, 0.5, 9, -0.25, 9, 0.1];
    const { values } = await evaluate(weighed, {
      values: { states, events },
      shape: { ...shape, history: 2 },
    });
    const next = (softplus(-1 * 0.5) + 3 * softplus(-2 * -0.25)) / 4; // row 2 does not count
    const others = (softplus(1 * -0.25) + 3 * softplus(2 * 0.1)) / 4; // row 1's negative is row 2's event all the same
    expect(values[0]).toBeCloseTo(next + others, 5);
  });

  test("is undefined for histories of one event", () => {
    const none = (harness: Harness): Node => {
      const { ops } = harness;
      const loss = nextEventLoss(
        { ...harness, shape: { ...shape, history: 1 } },
        { historyMask: ops.constant(1, [3, 1]), rowWeights: ops.constant(1 / 3, [3]) },
        harness.leaf("states", [3, 1, 2]),
        harness.leaf("events", [3, 1, 2]),
      );
      return ops.constant(loss === undefined ? 1 : 0);
    };
    return expect(evaluate(none)).resolves.toEqual({ shape: [], values: [1] });
  });

  test("has no negatives for a single row", async () => {
    const single = (harness: Harness): Node => {
      const { ops } = harness;
      const loss = nextEventLoss(
        harness,
        { historyMask: ops.constant(1, [1, 2]), rowWeights: ops.constant(1, [1]) },
        harness.leaf("states", [1, 2, 1]),
        harness.leaf("events", [1, 2, 1]),
      );
      return loss ?? ops.constant(NaN);
    };
    const { values } = await evaluate(single, {
      values: { states: [2, 9], events: [9, 3] },
      shape: { ...shape, batchSize: 1, history: 2 },
    });
    expect(values[0]).toBeCloseTo(softplus(-6), 6);
  });

  test("has the same gradient as finite differences", async () => {
    expect(await gradientError(build, { shape })).toBeLessThan(gradientTolerance);
  });
});
