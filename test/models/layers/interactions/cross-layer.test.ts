import { describe, expect, test } from "vitest";

import {
  crossLayers,
  matrixCrossLayers,
} from "../../../../src/models/layers/interactions/cross-layer.ts";
import {
  evaluate,
  gradientError,
  gradientTolerance,
  type Harness,
} from "../../../autodiff/graph-harness.ts";

describe("crossLayers", () => {
  const build = (residual: "kept" | "lost", layers: number) => (harness: Harness) =>
    crossLayers(harness, "cross", harness.leaf("x", [1, 2]), { layers, residual });
  const values = { x: [1, 2], "cross.kernels.0": [3, 4], "cross.bias.0": [10, 20] };

  test("computes x0 (x·w) + b + x as published", async () => {
    // x·w = 11.
    const { values: crossed } = await evaluate(build("kept", 1), { values });
    expect(crossed).toEqual([1 * 11 + 10 + 1, 2 * 11 + 20 + 2]);
  });

  test("computes 2 x0 (x·w) + b as in the reference code", async () => {
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

describe("matrixCrossLayers", () => {
  const build = (layers: number) => (harness: Harness) =>
    matrixCrossLayers(harness, "cross", harness.leaf("x", [1, 2]), { layers });

  test("computes x0 ∘ (W x + b) + x", async () => {
    const { values } = await evaluate(build(1), {
      values: { x: [1, 2], "cross.kernels.0": [1, 2, 3, 4], "cross.bias.0": [10, 20] },
    });
    // W x = (5, 11).
    expect(values).toEqual([1 * 15 + 1, 2 * 31 + 2]);
  });

  test("has the same gradient as finite differences", async () => {
    expect(await gradientError(build(2))).toBeLessThan(gradientTolerance);
  });
});
