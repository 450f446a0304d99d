import { describe, expect, test } from "vitest";
import { groupedAttention } from "../../../../src/models/layers/decoder/grouped-attention.ts";
import { rmsNorm } from "../../../../src/models/layers/decoder/rms-norm.ts";
import { rotary, rotaryRows, rotaryTables } from "../../../../src/models/layers/decoder/rotary.ts";
import { silu } from "../../../../src/models/layers/decoder/silu.ts";
import {
  evaluate,
  gradientError,
  gradientTolerance,
  type Harness,
} from "../../../autodiff/graph-harness.ts";

describe("silu", () => {
  test("is x times its sigmoid", async () => {
    const a = [-20, -1, 0, 2];
    const { values } = await evaluate(({ ops, leaf }) => silu(ops, leaf("a", [4])), {
      values: { a },
    });
    values.forEach((value, index) => {
      const x = a[index] ?? Number.NaN;
      expect(value).toBeCloseTo(x / (1 + Math.exp(-x)), 6);
    });
  });

  test("has the same gradient as finite differences", async () => {
    const error = await gradientError(({ ops, leaf }) => silu(ops, leaf("a", [2, 3])));
    expect(error).toBeLessThan(gradientTolerance);
  });
});

describe("rmsNorm", () => {
  const build = ({ ops, leaf }: Harness) => rmsNorm(ops, leaf("x", [2, 4]), leaf("w", [4]), 0.25);

  test("divides each row by the root of its mean square, plus epsilon", async () => {
    const x = [1, 1, 1, -1, 0, 0, 0, 0];
    const { values } = await evaluate(build, { values: { x, w: [1, 2, 3, 4] } });
    const scale = 1 / Math.sqrt(1.25);
    [scale, 2 * scale, 3 * scale, -4 * scale, 0, 0, 0, 0].forEach((expected, index) => {
      expect(values[index]).toBeCloseTo(expected, 6);
    });
  });

  test("has the same gradients by input and weight as finite differences", async () => {
    expect(await gradientError(build)).toBeLessThan(gradientTolerance);
  });
});

describe("rotary", () => {
  const positions = [3, 0, 1, 2, 0, 1];
  const tables = rotaryTables(4, 4, 100);
  const build = ({ ops, leaf, ids }: Harness) => {
    const constants = {
      cosines: ops.tensor([...tables.cosines], [4, 4]),
      sines: ops.tensor([...tables.sines], [4, 4]),
    };
    return rotary(ops, leaf("x", [2, 2, 3, 4]), rotaryRows(ops, constants, ids(positions, [2, 3])));
  };

  test("rotates numbers i and i + d/2 by position times base^(-2i/d)", async () => {
    const x = Array.from({ length: 48 }, (_, index) => Math.sin(index + 1));
    const { values } = await evaluate(build, { values: { x } });
    for (let row = 0; row < 12; row++) {
      const position = positions[Math.floor(row / 6) * 3 + (row % 3)] ?? Number.NaN;
      for (const pair of [0, 1]) {
        const angle = position * 100 ** (-pair / 2);
        const at = row * 4 + pair;
        const [a, b] = [x[at] ?? Number.NaN, x[at + 2] ?? Number.NaN];
        expect(values[at]).toBeCloseTo(a * Math.cos(angle) - b * Math.sin(angle), 5);
        expect(values[at + 2]).toBeCloseTo(b * Math.cos(angle) + a * Math.sin(angle), 5);
      }
    }
  });

  test("has the same gradient as finite differences", async () => {
    expect(await gradientError(build)).toBeLessThan(gradientTolerance);
  });
});

describe("groupedAttention", () => {
  const causal = [0, -1e9, -1e9, 0, 0, -1e9, 0, 0, 0];
  const build = ({ ops, leaf }: Harness) =>
    groupedAttention(ops, {
      queries: leaf("q", [2, 2, 3, 4]),
      keys: leaf("k", [2, 1, 3, 4]),
      values: leaf("v", [2, 1, 3, 4]),
      mask: ops.tensor(causal, [3, 3]),
    });

  test("weighs what each token may see, alike for all heads of a group", async () => {
    const v = Array.from({ length: 24 }, (_, index) => index);
    const zeros = (count: number): number[] => Array<number>(count).fill(0);
    const { shape, values } = await evaluate(build, {
      values: { q: zeros(48), k: zeros(24), v },
    });
    expect(shape).toEqual([2, 2, 3, 4]);
    // Equal scores: the mean of the values until the token, here 0; 0 and 4; 0, 4 and 8 in the first number of a row.
    [0, 2, 4, 0, 2, 4, 12, 14, 16, 12, 14, 16].forEach((expected, row) => {
      expect(values[4 * row]).toBeCloseTo(expected, 5);
    });
  });

  test("has the same gradient as finite differences", async () => {
    expect(await gradientError(build)).toBeLessThan(gradientTolerance);
  });
});
