import { describe, expect, test } from "vitest";

import { crossLayers } from "../../src/models/layers/cross-layer.ts";
import { embedFeatures, embedHistoryMean, embedTarget } from "../../src/models/layers/embedding.ts";
import { mlp } from "../../src/models/layers/mlp.ts";
import { selfAttention } from "../../src/models/layers/self-attention.ts";
import type { ModelInputs } from "../../src/models/model.ts";
import type { Node } from "../../src/train/graph/graph.ts";
import {
  evaluate,
  gradientError,
  gradientTolerance,
  type Harness,
} from "../train/graph/graph-harness.ts";

describe("embedding layers", () => {
  /** Three rows, two attributes an item, with two, one and no events of at most three. */
  const inputs = ({ ids, leaf, ops }: Harness): ModelInputs<Node> => ({
    items: ids([1, 6, 2], [3]),
    attributes: ids([1, 2, 3, 4, 1, 1], [3, 2]),
    historyItems: ids([3, 4, 0, 5, 0, 0, 0, 0, 0], [3, 3]),
    historyAttributes: ids([1, 2, 3, 4, 0, 0, 2, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], [3, 3, 2]),
    historyRatings: ids([5, 1, 0, 3, 0, 0, 0, 0, 0], [3, 3]),
    historyWeights: leaf("weights", [3, 3]),
    historyMask: ops.constant(1, [3, 3]),
    rowWeights: ops.constant(1 / 3, [3]),
  });
  /** Row n of each table is [n, -n], plus 100 for attributes and 200 for ratings. */
  const rows = (count: number, offset: number) =>
    Array.from({ length: count }, (_, row) => [row + offset, -row - offset]).flat();
  const values = {
    "item_embedding.weight": rows(7, 0),
    "attr_embedding.weight": rows(5, 100),
    "rating_embedding.weight": rows(6, 200),
    weights: [1 / 2, 1 / 2, 0, 1, 0, 0, 0, 0, 0],
  };

  test("the target is the item's row, then those of its attributes", async () => {
    const target = await evaluate((harness) => embedTarget(harness, inputs(harness)), { values });
    expect(target.shape).toEqual([3, 6]);
    expect(target.values.slice(0, 6)).toEqual([1, -1, 101, -101, 102, -102]);
    expect(target.values.slice(6, 12)).toEqual([6, -6, 103, -103, 104, -104]);
  });

  test("the history is averaged over real events only, and zero when there is none", async () => {
    const mean = await evaluate((harness) => embedHistoryMean(harness, inputs(harness)), {
      values,
    });
    expect(mean.shape).toEqual([3, 8]);
    // Row 0: items 3 and 4, attributes (1, 2) and (3, 4), ratings 5 and 1.
    expect(mean.values.slice(0, 8)).toEqual([3.5, -3.5, 102, -102, 103, -103, 203, -203]);
    expect(mean.values.slice(8, 16)).toEqual([5, -5, 102, -102, 102, -102, 203, -203]);
    expect(mean.values.slice(16)).toEqual(Array(8).fill(0));
  });

  test("target and history share their tables, and both gradients reach them", async () => {
    const build = (harness: Harness) =>
      embedFeatures(harness, inputs(harness), harness.leaf("knowledge", [3, 4]));
    expect(await gradientError(build)).toBeLessThan(gradientTolerance);
  });
});

describe("mlp", () => {
  test("applies ReLU after every layer, the last one too", async () => {
    const output = await evaluate(
      (harness) => mlp(harness, "net", harness.leaf("x", [2, 1]), [2, 1]),
      {
        values: {
          x: [1, -1],
          "net.fc.0.weight": [2, -3], // [out, in]
          "net.fc.0.bias": [1, 1],
          "net.fc.3.weight": [1, -5],
          "net.fc.3.bias": [0],
        },
      },
    );
    // x = 1: relu(3, -2) = (3, 0), then 3. x = -1: relu(-1, 4) = (0, 4), then relu(-20).
    expect(output).toEqual({ shape: [2, 1], values: [3, 0] });
  });

  test("has the gradient of finite differences", async () => {
    const build = (harness: Harness) => mlp(harness, "net", harness.leaf("x", [3, 4]), [5, 2]);
    expect(await gradientError(build)).toBeLessThan(gradientTolerance);
  });
});

describe("crossLayers", () => {
  const build = (residual: "kept" | "lost", layers: number) => (harness: Harness) =>
    crossLayers(harness, "cross", harness.leaf("x", [1, 2]), { layers, residual });
  const values = { x: [1, 2], "cross.kernels.0": [3, 4], "cross.bias.0": [10, 20] };

  test("computes x0 (x·w) + b + x as published", async () => {
    // x·w = 11.
    const { values: crossed } = await evaluate(build("kept", 1), { values });
    expect(crossed).toEqual([1 * 11 + 10 + 1, 2 * 11 + 20 + 2]);
  });

  test("computes 2 x0 (x·w) + b as the reference's code", async () => {
    const { values: crossed } = await evaluate(build("lost", 1), { values });
    expect(crossed).toEqual([2 * 1 * 11 + 10, 2 * 2 * 11 + 20]);
  });

  test.each(["kept", "lost"] as const)(
    "has the gradient of finite differences, residual %s",
    async (residual) => {
      expect(await gradientError(build(residual, 2))).toBeLessThan(gradientTolerance);
    },
  );
});

describe("selfAttention", () => {
  test("averages values by softmax(Q Kᵀ / √w) and adds the residual before ReLU", async () => {
    const { shape, values } = await evaluate(
      (harness) =>
        selfAttention(harness, "attention", harness.leaf("x", [1, 2, 1]), {
          width: 1,
          projectResidual: false,
        }),
      {
        values: {
          x: [0, 1],
          "attention.W_q.weight": [1],
          "attention.W_k.weight": [Math.log(3)],
          "attention.W_v.weight": [8],
        },
      },
    );
    // Field 0 has query 0: both fields weigh 1/2, 4 + 0. Field 1: weights 1/4 and 3/4, 6 + 1.
    expect(shape).toEqual([1, 2, 1]);
    expect(values[0]).toBeCloseTo(4, 5);
    expect(values[1]).toBeCloseTo(7, 5);
  });

  test.each([true, false])(
    "has the gradient of finite differences, residual projected: %s",
    async (projectResidual) => {
      const build = (harness: Harness) =>
        selfAttention(harness, "attention", harness.leaf("x", [2, 3, 4]), {
          width: 4,
          projectResidual,
        });
      expect(await gradientError(build)).toBeLessThan(gradientTolerance);
    },
  );
});
