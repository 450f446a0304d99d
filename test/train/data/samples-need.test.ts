import { describe, expect, test } from "vitest";
import { samplesNeed } from "../../../src/train/data/samples-need.ts";

const sizes = {
  train: { rows: 800, positives: 1 },
  valid: { rows: 100, positives: 1 },
  test: { rows: 100, positives: 1 },
};

describe("samplesNeed", () => {
  test("is that of all rows, or of as many as may be in memory", () => {
    const facts = { sizes, history: 10, isWeighted: false };
    // User, place, item, label, length and order, then item and rating of each event.
    const row = 6 * 4 + 10 * 8;
    expect(samplesNeed(facts, 5000).bytes).toBe(1000 * row);
    expect(samplesNeed(facts, 300).bytes).toBe(300 * row);
    expect(samplesNeed({ ...facts, isWeighted: true }, 300).bytes).toBe(300 * (row + 4));
  });

  test("fits with fewer rows in memory, but not with hardly any", () => {
    const { cure } = samplesNeed({ sizes, history: 1, isWeighted: false }, 5000);
    expect(cure?.(3200)).toBe("train.memoryRows: 100");
    expect(cure?.(320)).toBeNull();
  });
});
