import { describe, expect, test } from "vitest";

import { selfAttention } from "../../../../src/models/layers/attention/self-attention.ts";
import {
  evaluate,
  gradientError,
  gradientTolerance,
  type Harness,
} from "../../../autodiff/graph-harness.ts";

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
