import { describe, expect, test } from "vitest";

import { mlp } from "../../../../src/models/layers/dense/mlp.ts";
import {
  evaluate,
  gradientError,
  gradientTolerance,
  type Harness,
} from "../../../autodiff/graph-harness.ts";

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

  test("drops out after every ReLU", async () => {
    const { values } = await evaluate(
      (harness) =>
        mlp(
          { ...harness, dropout: (x) => harness.ops.mul(x, 2) },
          "net",
          harness.leaf("x", [1, 1]),
          [1, 1],
        ),
      {
        values: {
          x: [1],
          "net.fc.0.weight": [3],
          "net.fc.0.bias": [0],
          "net.fc.3.weight": [1],
          "net.fc.3.bias": [1],
        },
      },
    );
    expect(values).toEqual([2 * (2 * 3 + 1)]);
  });

  test("has the same gradient as finite differences", async () => {
    const build = (harness: Harness) => mlp(harness, "net", harness.leaf("x", [3, 4]), [5, 2]);
    expect(await gradientError(build)).toBeLessThan(gradientTolerance);
  });
});
