import { describe, expect, test } from "vitest";
import {
  formatLift,
  formatMeanAndSpread,
  formatRelative,
} from "../../../src/report/wording/format-score.ts";

describe("format-score", () => {
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
});
