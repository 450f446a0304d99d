import { describe, expect, test } from "vitest";
import { createDenseIndex } from "../../../src/train/data/dense-index.ts";

describe("createDenseIndex", () => {
  test("numbers ids from 1 and gives 0 for what it does not know", () => {
    const index = createDenseIndex(Int32Array.of(-5, 0, 3, 2147483647));
    expect([-5, 0, 3, 2147483647, 4].map(index.get)).toEqual([1, 2, 3, 4, 0]);
    expect(index.size).toBe(4);
  });

  test("finds each of 50,000 ids with regular gaps, which hash to the same slots", () => {
    const ids = Int32Array.from({ length: 50_000 }, (_none, place) => place * 4096 - 2 ** 27);
    const index = createDenseIndex(ids);
    expect(ids.every((id, place) => index.get(id) === place + 1)).toBe(true);
    expect(index.get(1)).toBe(0);
  });

  test("knows nothing when there are no ids", () => {
    expect(createDenseIndex(new Int32Array(0)).get(0)).toBe(0);
  });
});
