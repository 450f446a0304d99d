import { describe, expect, test } from "vitest";
import {
  formatIndices,
  nthIndex,
  parseIndices,
} from "../../../../src/flow/executors/jobs/index-ranges.ts";

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

  test("the jobs of an array share out the tasks by their own number", () => {
    const indices = parseIndices("3,17,40-42");
    expect(["0", "1", "2", "3", "4"].map((nth) => nthIndex(indices, nth))).toEqual(indices);
  });

  test.each(["5", "-1", "1.5", "", "$(JOB_COMPLETION_INDEX)"])(
    "there is no job %j of it",
    (nth) => {
      expect(() => nthIndex(parseIndices("3,17,40-42"), nth)).toThrow(
        /--index names 5 tasks, so it is a number from 0 to 4; give the array as many jobs/,
      );
    },
  );
});
