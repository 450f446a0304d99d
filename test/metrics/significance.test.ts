import { describe, expect, test } from "vitest";
import { holm, twoSidedP } from "../../src/metrics/significance.ts";

describe("twoSidedP", () => {
  // Two-sided tails of the standard normal distribution, by C’s erfc.
  test.each([
    [0, 1],
    [0.5, 0.6170750774519738],
    [1.959963984540054, 0.05],
    [-2.5758293035489004, 0.01],
    [2.8, 0.005110260660855874],
    [2.9, 0.003731626600768077],
    [6, 1.9731752900754024e-9],
    [-12, 3.552964224155404e-33],
  ])("a difference of %f standard errors has p = %f", (deviate, p) => {
    const found = twoSidedP(deviate * 0.004, 0.004);
    expect((found ?? NaN) / p).toBeCloseTo(1, 10);
  });

  test("is 1 where no resample differs, and null where the spread is unknown or explains nothing", () => {
    expect(twoSidedP(0, 0)).toBe(1);
    expect(twoSidedP(0.1, 0)).toBeNull();
    expect(twoSidedP(0.1, null)).toBeNull();
  });
});

describe("holm", () => {
  test("multiplies the smallest of four by 4, the next by 3 and so on, and never goes down again", () => {
    // Sorted: 0.005 × 4 = 0.02; 0.01 × 3 = 0.03; 0.03 × 2 = 0.06; 0.04 × 1 = 0.04, but not below 0.06.
    expect(holm([0.01, 0.04, 0.03, 0.005])).toEqual([0.03, 0.06, 0.06, 0.02]);
  });

  test("gives equal values the same corrected value", () => {
    expect(holm([0.25, 0.125, 0.125])).toEqual([0.375, 0.375, 0.375]);
  });

  test("goes no higher than 1", () => {
    expect(holm([0.5, 0.75, 0.25])).toEqual([1, 1, 0.75]);
  });

  test("leaves out comparisons without a value: they do not make the others stricter", () => {
    expect(holm([null, 0.25, null, 0.5])).toEqual([null, 0.5, null, 0.5]);
  });

  test("leaves a single comparison as it is", () => {
    expect(holm([0.03])).toEqual([0.03]);
    expect(holm([])).toEqual([]);
  });
});
