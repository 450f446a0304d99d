import { describe, expect, test } from "vitest";

import type { Node } from "../../../src/autodiff/graph.ts";
import { evaluate, type Harness } from "../../autodiff/graph-harness.ts";

const values = { a: [-2, 0, 3, 0.5], b: [5, 6, 7, 8] };
const leaves = ({ leaf }: Harness) => ({ a: leaf("a", [2, 2]), b: leaf("b", [2, 2]) });

describe("emitModel", () => {
  test("the sign of a ReLU is 0 or 1 for numbers of any size", async () => {
    const sign = ({ ops, leaf }: Harness) => ops.sign(ops.relu(leaf("a", [2, 3])));
    const a = [-2, 0, 3, 0.5, 1.2e-38, 3e38];
    expect((await evaluate(sign, { values: { a } })).values).toEqual([0, 0, 1, 1, 1, 1]);
  });

  test("multiplies by a sign that may be negative", async () => {
    const build = (harness: Harness) => {
      const { a, b } = leaves(harness);
      return harness.ops.mul(b, harness.ops.sign(a));
    };
    expect((await evaluate(build, { values })).values).toEqual([-5, 0, 7, 8]);
  });

  test.each([
    [false, [2], [1, 0.5]],
    [true, [1, 2], [1, 0.5]],
  ])("sums the rows of a matrix, keeping axes: %s", async (keepAxes, shape, sums) => {
    const result = await evaluate(({ ops, leaf }) => ops.sum(leaf("a", [2, 2]), [0], keepAxes), {
      values,
    });
    expect(result).toEqual({ shape, values: sums });
  });

  type Sum = (given: Harness & { readonly a: Node; readonly b: Node }) => Node;
  const sums: readonly (readonly [string, Sum, readonly number[]])[] = [
    // a aᵀ = [4, -6, -6, 9.25], aᵀ a = [13, 1.5, 1.5, 0.25]
    [
      "product first",
      ({ ops, a, b }) => ops.add(ops.matmul(a, a, { transposeB: true }), b),
      [9, 0, 1, 17.25],
    ],
    [
      "product second",
      ({ ops, a, b }) => ops.add(b, ops.matmul(a, a, { transposeA: true })),
      [18, 7.5, 8.5, 8.25],
    ],
    [
      "a linear layer without bias",
      ({ ops, a, b }) => ops.add(ops.linear(a, a), b),
      [9, 0, 1, 17.25],
    ],
    [
      "a row added to each row of a product",
      ({ ops, a, b }) => ops.add(ops.linear(a, a), ops.slice(b, 0, 0, 1)),
      [9, 0, -1, 15.25],
    ],
    [
      "a product that is read twice",
      ({ ops, a, b }) => {
        const product = ops.linear(a, a);
        return ops.add(ops.add(product, b), product);
      },
      [13, -6, -5, 26.5],
    ],
  ];
  test.each(sums)("adds a matrix to a product: %s", async (_name, build, expected) => {
    const sum = await evaluate((harness) => build({ ...harness, ...leaves(harness) }), { values });
    expect(sum.values).toEqual(expected);
  });
});
