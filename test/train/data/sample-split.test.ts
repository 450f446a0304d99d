import { describe, expect, test } from "vitest";
import { memorySplit, shuffledRows } from "../../../src/train/data/sample-split.ts";
import { emptyColumns } from "../../../src/train/data/split-columns.ts";

describe("shuffledRows", () => {
  test("is a permutation that depends on seed, epoch and window only", () => {
    const order = shuffledRows(100, 1, 1);
    expect([...order].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 100 }, (_none, row) => row),
    );
    expect(shuffledRows(100, 1, 1)).toEqual(order);
    expect(shuffledRows(100, 1, 2)).not.toEqual(order);
    expect(shuffledRows(100, 2, 1)).not.toEqual(order);
    expect(shuffledRows(100, 1, 1, 0)).toEqual(order);
    expect(shuffledRows(100, 1, 1, 1)).not.toEqual(order);
  });
});

describe("memorySplit", () => {
  const columns = emptyColumns(5, 1);
  const split = memorySplit(columns, 2);

  test("has its rows in one piece, in their own order", () => {
    expect([...(split.inOrder() as Iterable<unknown>)]).toEqual([{ columns }]);
    expect(split).toMatchObject({ rows: 5, positives: 2 });
  });

  test("shuffles them anew each epoch, and passes over as many as asked", () => {
    const all = shuffledRows(5, 3, 2);
    expect([...(split.shuffled({ seed: 3, epoch: 2, skip: 2 }) as Iterable<unknown>)]).toEqual([
      { columns, order: all.subarray(2) },
    ]);
  });
});
