/** @file Layers that weight events or items by relevance. */
import { describe, expect, test } from "vitest";

import { activationUnit } from "../../../src/models/layers/attention/activation-unit.ts";
import { maskedSoftmax, weightedSum } from "../../../src/models/layers/attention/attention-pool.ts";
import { itemAttention } from "../../../src/models/layers/attention/item-attention.ts";
import {
  evaluate,
  gradientError,
  gradientTolerance,
  smallShape,
  type Harness,
} from "../../autodiff/graph-harness.ts";

const rounded = (values: readonly number[]) => values.map((value) => Math.round(value * 1e4) / 1e4);

describe("maskedSoftmax", () => {
  test("gives padding weight 0, and an empty history only zeros", async () => {
    const { values } = await evaluate((harness) =>
      maskedSoftmax(
        harness,
        harness.ops.tensor([0, Math.log(3), 9, 7, 8, 9, 5, 6, 7], [3, 3]),
        harness.ops.tensor([1, 1, 0, 1, 0, 0, 0, 0, 0], [3, 3]),
      ),
    );
    expect(rounded(values)).toEqual([0.25, 0.75, 0, 1, 0, 0, 0, 0, 0]);
  });

  test("has the same gradient as finite differences", async () => {
    const build = (harness: Harness) =>
      maskedSoftmax(
        harness,
        harness.leaf("scores", [3, 3]),
        harness.ops.tensor([1, 1, 1, 1, 1, 0, 0, 0, 0], [3, 3]),
      );
    expect(await gradientError(build)).toBeLessThan(gradientTolerance);
  });
});

describe("weightedSum", () => {
  test("is the weighted sum of the events", async () => {
    const shape = { ...smallShape, batchSize: 1, history: 2 };
    const { values } = await evaluate(
      ({ ops, ...scope }) =>
        weightedSum(
          { ops, ...scope },
          ops.tensor([2, 3], [1, 2]),
          ops.tensor([1, 10, 100, 1000], [1, 2, 2]),
        ),
      { shape },
    );
    expect(values).toEqual([302, 3020]);
  });
});

describe("activationUnit", () => {
  const build = (harness: Harness) =>
    activationUnit(
      harness,
      "unit",
      { query: harness.leaf("query", [3, 2]), keys: harness.leaf("keys", [3, 3, 2]) },
      {
        historyMask: harness.ops.tensor([1, 1, 1, 1, 1, 0, 1, 0, 0], [3, 3]),
        rowWeights: harness.ops.constant(1 / 3, [3]),
      },
      "running",
    );

  test("scores [q, k, q - k, q ∘ k] through its three layers", async () => {
    // One row, one event: q = 3, k = 5, so the first layer sees [3, 5, -2, 15].
    const first = Array(32 * 4).fill(0) as number[];
    first.splice(0, 4, 1000, 100, 10, 1); // unit 0
    const pick = (length: number) => [1, ...(Array(length - 1).fill(0) as number[])];
    const shape = { ...smallShape, batchSize: 1, history: 1 };
    const { values } = await evaluate(
      (harness) =>
        activationUnit(
          { ...harness, isTraining: false },
          "unit",
          { query: harness.leaf("query", [1, 1]), keys: harness.leaf("keys", [1, 1, 1]) },
          {
            historyMask: harness.ops.constant(1, [1, 1]),
            rowWeights: harness.ops.constant(1, [1]),
          },
          "batch",
        ),
      {
        shape,
        values: {
          query: [3],
          keys: [5],
          "unit.fc.0.weight": first,
          "unit.fc.0.bias": Array(32).fill(0) as number[],
          "unit.fc.1.alpha": [1], // Dice with α = 1 is the identity
          "unit.fc.3.weight": pick(16 * 32),
          "unit.fc.3.bias": Array(16).fill(0) as number[],
          "unit.fc.4.alpha": [1],
          "unit.fc.6.weight": pick(16),
          "unit.fc.6.bias": [0.5],
        },
      },
    );
    expect(values).toEqual([3000 + 500 - 20 + 15 + 0.5]);
  });

  test("has the same gradient as finite differences", async () => {
    const names = ["unit.fc.0", "unit.fc.3", "unit.fc.6"];
    const widths = [8 * 32, 32 * 16, 16];
    const weights = names.map((name, layer) => [
      `${name}.weight`,
      Array.from({ length: widths[layer] ?? 0 }, (_, at) => Math.sin(at + layer) / 3),
    ]);
    const values = Object.fromEntries(weights) as Record<string, number[]>;
    expect(await gradientError(build, { values })).toBeLessThan(gradientTolerance);
  });
});

describe("itemAttention", () => {
  const attend = (over: "sample" | "batch", heads: number) => (harness: Harness) =>
    itemAttention(
      harness,
      "attention",
      harness.leaf("x", [3, 2]),
      harness.ops.tensor([1 / 2, 1 / 2, 0], [3]),
      { heads, over },
    );
  // Query and key are the first number, value the second; the output adds 100.
  const values = {
    x: [0, 4, Math.log(3), 8, 50, 60],
    "attention.in_proj_weight": [1, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0],
    "attention.in_proj_bias": [0, 0, 0, 0, 0, 0],
    "attention.out_proj.weight": [Math.SQRT2, 0, 0, 1],
    "attention.out_proj.bias": [100, 0],
  };

  test("within a sample, reduces to the value's projection", async () => {
    const { values: out } = await evaluate(attend("sample", 1), { values });
    expect(rounded(out)).toEqual(
      rounded([100 + 4 * Math.SQRT2, 0, 100 + 8 * Math.SQRT2, 0, 100 + 60 * Math.SQRT2, 0]),
    );
  });

  test("over the batch, mixes the real rows, of a short batch too", async () => {
    const { values: out } = await evaluate(attend("batch", 2), { values });
    // Two heads of one number: row 0 has query 0 and weighs both rows alike; row 1 scores 0 and log² 3.
    const second = 1 / (1 + Math.exp(-(Math.log(3) ** 2)));
    expect(rounded(out.slice(0, 4))).toEqual(
      rounded([100 + 6 * Math.SQRT2, 0, 100 + (8 * second + 4 * (1 - second)) * Math.SQRT2, 0]),
    );
  });

  test("over the batch, refuses heads that do not divide the item's width", async () => {
    await expect(evaluate(attend("batch", 4), { values })).rejects.toThrow(
      expect.objectContaining({
        code: "CONFIG_INVALID",
        message: expect.stringContaining("4 heads") as string,
      }),
    );
  });

  test.each(["sample", "batch"] as const)(
    "over the %s has the same gradient as finite differences",
    async (over) => {
      expect(await gradientError(attend(over, 2))).toBeLessThan(gradientTolerance);
    },
  );
});
