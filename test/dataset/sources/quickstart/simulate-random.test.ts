import { describe, expect, test } from "vitest";

import { randomStream } from "../../../../src/dataset/sources/quickstart/simulate-random.ts";

describe("randomStream", () => {
  test("is the same for the same path and another for another path", () => {
    const draw = (...path: (number | string)[]): number[] => {
      const { uniform } = randomStream(...path);
      return [uniform(), uniform(), uniform()];
    };
    expect(draw(1, "viewer", 17)).toEqual(draw(1, "viewer", 17));
    expect(draw(1, "viewer", 17)).not.toEqual(draw(1, "viewer", 18));
    expect(draw(1, "viewer", 17)).not.toEqual(draw(11, "viewer", 7));
  });

  test("uniform fills [0, 1) evenly, also over the first draws of many streams", () => {
    const first = Array.from({ length: 10_000 }, (_, index) => randomStream(5, index).uniform());
    const tenths = new Array<number>(10).fill(0);
    for (const value of first)
      tenths[Math.floor(value * 10)] = (tenths[Math.floor(value * 10)] ?? 0) + 1;
    for (const count of tenths) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });

  test("normal has mean 0 and standard deviation 1", () => {
    const { normal } = randomStream("normal");
    const values = Array.from({ length: 20_000 }, normal);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(Math.abs(variance - 1)).toBeLessThan(0.04);
  });

  test("below stays under its bound and reaches every number", () => {
    const { below } = randomStream("below");
    const seen = new Set(Array.from({ length: 300 }, () => below(9)));
    expect([...seen].toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  });
});
