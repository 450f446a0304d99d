import { describe, expect, test } from "vitest";
import { planBatches } from "../../../src/encode/model/plan-batches.ts";

describe("planBatches", () => {
  test("puts like lengths together within the budget, longest first", () => {
    // padded: 2 x 6 = 12, then 4 x 3 = 12
    expect(planBatches([3, 6, 1, 6, 2, 3], { batchTokens: 12 })).toEqual([
      [1, 3],
      [0, 5, 4, 2],
    ]);
  });
  test("counts padding, not tokens: a short one does not join a long one beyond the budget", () => {
    expect(planBatches([10, 1], { batchTokens: 12 })).toEqual([[0], [1]]);
  });
  test("gives a sequence beyond the budget a batch of its own", () => {
    expect(planBatches([50, 4, 4], { batchTokens: 8 })).toEqual([[0], [1, 2]]);
  });
  test("keeps within the squares of lengths, which attention's memory goes with", () => {
    // 2 x 4² = 32 and 3 x 3² = 27; then 4² = 16 and 2 x 3² = 18
    expect(planBatches([4, 4, 3, 3, 3], { batchTokens: 99, batchSquares: 32 })).toEqual([
      [0, 1],
      [2, 3, 4],
    ]);
    expect(planBatches([4, 4, 3, 3, 3], { batchTokens: 99, batchSquares: 18 })).toEqual([
      [0],
      [1],
      [2, 3],
      [4],
    ]);
  });
  test("plans nothing for nothing", () => {
    expect(planBatches([], { batchTokens: 8 })).toEqual([]);
  });
});
