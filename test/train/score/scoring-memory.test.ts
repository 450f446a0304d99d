import { describe, expect, test } from "vitest";
import { memoryBudget, unlimitedMemory } from "../../../src/base/memory-budget.ts";
import { createDenseIndex } from "../../../src/train/data/dense-index.ts";
import { scoringRows, type ScoringBatchOptions } from "../../../src/train/score/scoring-memory.ts";
import { taskSettings, trainSettings } from "../../../src/train/settings.ts";

const settings = taskSettings.parse({
  ...trainSettings.parse({ batchSize: 512, embeddingDim: 8 }),
  form: "corrected",
  connectorWeights: "shared",
  attributeValues: "all",
});

const rowsIn = (bytes: number, looksAcrossRows = false): number => {
  const card = {
    model: { looksAcrossRows },
    items: { count: 3 },
    attributes: { values: 70, slots: [64] },
    ratings: { values: [1, 2] },
    history: { length: 5 },
  } as unknown as ScoringBatchOptions["card"];
  const items = {
    index: createDenseIndex(Int32Array.of(4, 5, 6)),
    attributeSlots: [64],
    attributeValues: 70,
    attributes: new Int32Array(4 * 64),
  };
  const budget =
    bytes === Infinity ? unlimitedMemory : memoryBudget({ bytes, shares: 1 }, "runtime.threads");
  return scoringRows({ backbone: "dcn", card, settings, features: { items }, budget });
};

describe("scoringRows", () => {
  test("is 1,024, halved until a batch fits", () => {
    expect(rowsIn(Infinity)).toBe(1024);
    // 64 values of 8 numbers for 5 events, and what is made of them.
    const batch = 1024 * 5 * 64 * 8 * 4;
    expect(rowsIn(20 * batch)).toBe(1024);
    expect(rowsIn(batch)).toBeLessThan(1024);
    expect(rowsIn(batch)).toBeGreaterThan(64);
    expect(() => rowsIn(10_000)).toThrow("the model and a batch of rows need");
  });

  test("is that of training where a row's probability depends on the others", () => {
    expect(rowsIn(Infinity, true)).toBe(512);
    expect(() => rowsIn(1024 * 1024, true)).toThrow("the model and a batch of rows need");
  });
});
