import { describe, expect, test } from "vitest";
import { planBatches } from "../../src/encode/plan-batches.ts";

describe("planBatches", () => {
  test("puts like lengths together within the budget, longest first", () => {
    // padded: 2 x 6 = 12, then 4 x 3 = 12
    expect(planBatches([3, 6, 1, 6, 2, 3], 12)).toEqual([
      [1, 3],
      [0, 5, 4, 2],
    ]);
  });
  test("counts padding, not tokens: a short one does not join a long one beyond the budget", () => {
    expect(planBatches([10, 1], 12)).toEqual([[0], [1]]);
  });
  test("gives a sequence beyond the budget a batch of its own", () => {
    expect(planBatches([50, 4, 4], 8)).toEqual([[0], [1, 2]]);
  });
  test("plans nothing for nothing", () => {
    expect(planBatches([], 8)).toEqual([]);
  });
});
