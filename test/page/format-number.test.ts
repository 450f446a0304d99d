import { describe, expect, test } from "vitest";
import { formatCount, formatShare } from "../../src/page/format-number.ts";

describe("format-number", () => {
  test("groups thousands", () => {
    expect(formatCount(1000209)).toBe("1,000,209");
  });

  test("writes shares as percentages", () => {
    expect(formatShare(0.5715405542490893)).toBe("57.2 %");
  });
});
