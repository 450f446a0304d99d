import { describe, expect, test } from "vitest";
import { formatIndices, parseIndices } from "../../../../src/flow/executors/jobs/index-ranges.ts";

describe("indices as text", () => {
  test.each([
    ["7", [7]],
    ["0-3", [0, 1, 2, 3]],
    ["4,0-1, 4", [0, 1, 4]],
  ])("%j names its tasks", (text, indices) => {
    expect(parseIndices(text)).toEqual(indices);
  });

  test.each(["a", "3-1", "1-", "-1", "1.5", "0,,2"])("refuses %j", (text) => {
    expect(() => parseIndices(text)).toThrow(/names no tasks: write 7, 0-4 or 0-2,5/);
  });

  test("runs of neighbours are written as ranges, and read back the same", () => {
    expect(formatIndices([0, 1, 2, 5, 7, 8])).toBe("0-2,5,7-8");
    expect(parseIndices("0-2,5,7-8")).toEqual([0, 1, 2, 5, 7, 8]);
    expect(formatIndices([])).toBe("");
  });
});
