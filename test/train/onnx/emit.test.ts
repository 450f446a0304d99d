import { describe, expect, test } from "vitest";

import { evaluate, type Harness } from "../graph/graph-harness.ts";

const values = { a: [-2, 0, 3, 0.5], b: [5, 6, 7, 8] };
const leaves = ({ leaf }: Harness) => ({ a: leaf("a", [2, 2]), b: leaf("b", [2, 2]) });

describe("emitModel", () => {
  test.each([
    ["second", false],
    ["first", true],
  ])("selects by the sign of a ReLU, whose sign is the %s factor", async (_name, isFirst) => {
    const build = (harness: Harness) => {
      const { ops } = harness;
      const { a, b } = leaves(harness);
      const mask = ops.sign(ops.relu(a));
      return isFirst ? ops.mul(mask, b) : ops.mul(b, mask);
    };
    expect((await evaluate(build, { values })).values).toEqual([0, 0, 7, 8]);
  });

  test("keeps the sign of a ReLU a number where it is more than one factor", async () => {
    const build = (harness: Harness) => {
      const { ops } = harness;
      const { a, b } = leaves(harness);
      const mask = ops.sign(ops.relu(a));
      return ops.add(ops.mul(b, mask), ops.mul(mask, mask));
    };
    expect((await evaluate(build, { values })).values).toEqual([0, 0, 8, 9]);
    const sign = ({ ops, leaf }: Harness) => ops.sign(ops.relu(leaf("a", [2, 2])));
    expect((await evaluate(sign, { values })).values).toEqual([0, 0, 1, 1]);
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
});
