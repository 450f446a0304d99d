import { describe, expect, test } from "vitest";
import {
  formatCount,
  formatLift,
  formatMeanAndSpread,
  formatRelative,
  formatSeconds,
  formatShare,
} from "../../src/report/format-number.ts";

describe("format-number", () => {
  test("groups thousands", () => {
    expect(formatCount(1000209)).toBe("1,000,209");
  });

  test("signs differences, with a true minus", () => {
    expect([formatLift(0.01089), formatLift(-0.0009), formatRelative(-0.016)]).toEqual([
      "+0.0109",
      "−0.0009",
      "−1.60 %",
    ]);
  });

  test("leaves the spread out for a single seed", () => {
    expect(formatMeanAndSpread({ mean: 0.71, sd: null })).toBe("0.7100");
    expect(formatMeanAndSpread({ mean: 0.71, sd: 0.00144 })).toBe("0.7100 ± 0.0014");
  });

  test("writes shares as percentages", () => {
    expect(formatShare(0.5715405542490893)).toBe("57.2 %");
  });

  test.each([
    [0.44, "0.4 s"],
    [9.97, "10.0 s"],
    [59.7, "1 min 00 s"],
    [185, "3 min 05 s"],
    [7620, "2 h 07 min"],
  ])("writes %d seconds as %s", (seconds, text) => {
    expect(formatSeconds(seconds)).toBe(text);
  });
});
