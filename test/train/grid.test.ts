import { describe, expect, test } from "vitest";
import { gridTrials } from "../../src/train/grid.ts";

const numbered = (grid: Record<string, readonly unknown[]>) =>
  gridTrials(grid).map(({ trial, settings }) => [trial, ...Object.values(settings ?? {})]);

describe("gridTrials", () => {
  test("is one trial that changes nothing without a grid", () => {
    expect(gridTrials({})).toEqual([{ trial: 0 }]);
    expect(gridTrials({ epochs: undefined })).toEqual([{ trial: 0 }]);
  });

  test("numbers a list in its order, equal values once", () => {
    expect(gridTrials({ epochs: [5, 1, 5] })).toEqual([
      { trial: 0, settings: { epochs: 5 } },
      { trial: 1, settings: { epochs: 1 } },
    ]);
  });

  test("combines every value with every other", () => {
    expect(numbered({ batchSize: [64, 128], dropout: [0, 0.1] })).toEqual([
      [0, 64, 0],
      [1, 64, 0.1],
      [2, 128, 0],
      [3, 128, 0.1],
    ]);
    const three = numbered({ a: [1, 2, 3], b: [1, 2, 3], c: [1, 2, 3] });
    expect(three.map(([trial]) => trial)).toEqual(Array.from({ length: 27 }, (_none, n) => n));
    expect(new Set(three.map((row) => row.slice(1).join())).size).toBe(27);
  });

  test("leaves the numbers of combinations alone when values are appended to any list", () => {
    const before = { batchSize: [64, 128, 256], dropout: [0, 0.1] };
    const known = numbered(before);
    expect(known).toEqual([
      [0, 64, 0],
      [1, 64, 0.1],
      [2, 128, 0],
      [3, 128, 0.1],
      [6, 256, 0],
      [7, 256, 0.1],
    ]);
    for (const after of [
      { ...before, batchSize: [64, 128, 256, 512] },
      { ...before, dropout: [0, 0.1, 0.2] },
      { ...before, dropout: [0, 0.1, 0.2, 0.3, 0.4] },
    ]) {
      expect(numbered(after)).toEqual(expect.arrayContaining(known));
      const numbers = numbered(after).map(([trial]) => trial);
      expect(new Set(numbers).size).toBe(numbers.length);
    }
  });
});
