import { describe, expect, test } from "vitest";
import { learningRateAt } from "../../src/optim/schedule.ts";

describe("learningRateAt", () => {
  const cosine = { kind: "cosine", learningRate: 0.01, totalSteps: 300 } as const;

  test("cosine starts at the full rate and falls to 3/4 after a third and to half after half of the steps", () => {
    expect(learningRateAt(0, cosine)).toBe(0.01);
    expect(learningRateAt(100, cosine)).toBeCloseTo(0.0075, 12);
    expect(learningRateAt(150, cosine)).toBeCloseTo(0.005, 12);
  });

  test("cosine never rises and ends just above 0", () => {
    const rates = Array.from({ length: 300 }, (_none, step) => learningRateAt(step, cosine));
    expect(rates).toEqual(rates.toSorted((a, b) => b - a));
    expect(rates.at(-1)).toBeGreaterThan(0);
    expect(rates.at(-1)).toBeLessThan(1e-6);
  });

  test("constant stays constant", () => {
    expect(learningRateAt(299, { ...cosine, kind: "constant" })).toBe(0.01);
  });

  test("the warm-up is linear from 0, and the cosine covers the remaining steps", () => {
    // Three of eight steps: 1/4, 2/4, 3/4 of the rate, then half a period over five.
    const options = { ...cosine, learningRate: 1, totalSteps: 8, warmup: 0.375 };
    const rates = Array.from({ length: 8 }, (_none, step) => learningRateAt(step, options));
    expect(rates.slice(0, 4)).toEqual([0.25, 0.5, 0.75, 1]);
    expect(rates[5]).toBeCloseTo((1 + Math.cos((2 * Math.PI) / 5)) / 2, 12);
    const constant = { ...options, kind: "constant" } as const;
    expect(learningRateAt(1, constant)).toBe(0.5);
    expect(learningRateAt(7, constant)).toBe(1);
  });

  test("a warm-up over all steps does not divide by zero", () => {
    const options = { ...cosine, learningRate: 1, totalSteps: 3, warmup: 1 };
    expect([0, 1, 2].map((step) => learningRateAt(step, options))).toEqual([0.25, 0.5, 0.75]);
  });
});
