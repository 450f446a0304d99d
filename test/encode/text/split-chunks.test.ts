import { describe, expect, test } from "vitest";
import { splitChunks } from "../../../src/encode/text/split-chunks.ts";

describe("splitChunks", () => {
  test("leaves a text that fits in one piece", () => {
    expect(splitChunks([1, 2, 3], 3)).toEqual([[1, 2, 3]]);
  });
  test("cuts one token too many in the middle, not at the end", () => {
    expect(splitChunks([1, 2, 3, 4, 5], 4)).toEqual([
      [1, 2, 3],
      [4, 5],
    ]);
  });
  test.each([1, 127, 128, 129, 256, 257, 1000])("keeps all of %i tokens in order", (count) => {
    const tokens = Array.from({ length: count }, (_, index) => index);
    const chunks = splitChunks(tokens, 128);
    expect(chunks.flat()).toEqual(tokens);
    expect(chunks.length).toBe(Math.ceil(count / 128));
    expect(Math.max(...chunks.map((chunk) => chunk.length))).toBeLessThanOrEqual(128);
  });
  test("makes no chunk of no tokens", () => {
    expect(splitChunks([], 128)).toEqual([]);
  });
});
