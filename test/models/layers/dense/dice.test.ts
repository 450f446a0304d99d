import { describe, expect, test } from "vitest";

import { dice, type DiceStatistics } from "../../../../src/models/layers/dense/dice.ts";
import type { Node } from "../../../../src/autodiff/graph.ts";
import {
  evaluate,
  gradientError,
  gradientTolerance,
  smallShape,
  type Harness,
} from "../../../autodiff/graph-harness.ts";

/** Three rows of two events and one unit: the second row has one event, the third pads the batch. */
const shape = { ...smallShape, batchSize: 3, history: 2 };
const x = [1, 2, 6, 50, 70, 90];
const inputs = ({ ops }: Harness) => ({
  historyMask: ops.tensor([1, 1, 1, 0, 1, 1], [3, 2]),
  rowWeights: ops.tensor([1 / 2, 1 / 2, 0], [3]),
});
const sigmoid = (value: number) => 1 / (1 + Math.exp(-value));

interface Buffers {
  readonly set: Map<string, Node>;
}

/** Dice with α = 1/4, and the buffers that it sets. */
const layer =
  (
    statistics: DiceStatistics,
    { isTraining = true, set = new Map() }: { isTraining?: boolean } & Partial<Buffers> = {},
  ) =>
  (harness: Harness): Node =>
    dice(
      {
        ...harness,
        isTraining,
        buffers: {
          get: (name) => harness.ops.tensor([name.endsWith("mean") ? 2 : 4], [1]),
          set: (name, value) => set.set(name, value),
        },
      },
      "dice",
      harness.leaf("x", [3, 2, 1]),
      inputs(harness),
      statistics,
    );
const values = { x, "dice.alpha": [1 / 4] };

function expectDice(
  actual: readonly number[],
  mean: readonly number[],
  variance: readonly number[],
): void {
  x.slice(0, 3).forEach((value, at) => {
    const p = sigmoid((value - (mean[at] ?? NaN)) / Math.sqrt(variance[at] ?? NaN));
    expect(actual[at]).toBeCloseTo(p * value + (1 - p) * (value / 4), 4);
  });
}

describe("dice with running statistics", () => {
  test("trains on the mean and variance of the real events only", async () => {
    const { values: out } = await evaluate(layer("running"), { values, shape });
    const variance = ((1 - 3) ** 2 + (2 - 3) ** 2 + (6 - 3) ** 2) / 3; // of 1, 2 and 6
    expectDice(out, [3, 3, 3], [variance, variance, variance]);
  });

  test("moves the running statistics a tenth of the way", async () => {
    const next = async (buffer: string) => {
      const set = new Map<string, Node>();
      const { values: moved } = await evaluate(
        (harness) => {
          layer("running", { set })(harness);
          return set.get(`dice.${buffer}`) ?? harness.ops.constant(NaN);
        },
        { values, shape },
      );
      return moved[0];
    };
    expect(await next("running_mean")).toBeCloseTo(2 + 0.1 * (3 - 2), 5);
    expect(await next("running_var")).toBeCloseTo(4 + 0.1 * (14 / 3 - 4), 5);
  });

  test("keeps the running statistics if there is no event", async () => {
    const set = new Map<string, Node>();
    const { values: kept } = await evaluate(
      (harness) => {
        const { ops } = harness;
        dice(
          {
            ...harness,
            buffers: {
              get: (name) => ops.tensor([name.endsWith("mean") ? 2 : 4], [1]),
              set: (name, value) => set.set(name, value),
            },
          },
          "dice",
          harness.leaf("x", [3, 2, 1]),
          { ...inputs(harness), historyMask: ops.constant(0, [3, 2]) },
          "running",
        );
        return ops.concat([...set.values()], 0);
      },
      { values, shape },
    );
    expect(kept).toEqual([2, 4]);
  });

  test("scores with the running statistics", async () => {
    const { values: out } = await evaluate(layer("running", { isTraining: false }), {
      values,
      shape,
    });
    expectDice(out, [2, 2, 2], [4, 4, 4]);
  });
});

describe("dice with the batch's statistics", () => {
  test("computes them per position of the history over real rows, with padding, unbiased", async () => {
    const { values: out } = await evaluate(layer("batch", { isTraining: false }), {
      values,
      shape,
    });
    // First events 1 and 6, second events 2 and 50 (padding).
    expectDice(out, [3.5, 26, 3.5], [12.5, 1152, 12.5]);
  });

  test("have variance 0 for a single row, not NaN", async () => {
    const single = { ...smallShape, batchSize: 1, history: 2 };
    const { values: out } = await evaluate(
      (harness) =>
        dice(
          harness,
          "dice",
          harness.leaf("x", [1, 2, 1]),
          {
            historyMask: harness.ops.constant(1, [1, 2]),
            rowWeights: harness.ops.constant(1, [1]),
          },
          "batch",
        ),
      { values: { x: [3, 5], "dice.alpha": [0] }, shape: single },
    );
    expect(out).toEqual([1.5, 2.5]);
  });
});

test.each(["running", "batch"] as const)(
  "dice, %s: has the gradient of finite differences",
  async (statistics) => {
    const small = { "dice.alpha": [1 / 4], x: [1, 2, 3, -1, 0.5, 0] };
    const error = await gradientError(layer(statistics), { values: small, shape });
    expect(error).toBeLessThan(gradientTolerance);
  },
);
