import { describe, expect, test } from "vitest";
import { learningRateAt } from "../../src/train/schedule.ts";

describe("learningRateAt", () => {
  const cosine = { kind: "cosine", learningRate: 0.01, totalSteps: 300 } as const;

  test("cosine starts at the full rate, is at 3/4 after a third and at half after half of the steps", () => {
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

  test("constant stays", () => {
    expect(learningRateAt(299, { ...cosine, kind: "constant" })).toBe(0.01);
  });
});
