import { describe, expect, test } from "vitest";
import { ascendingOrder, rankRows, weightedAuc } from "../../src/metrics/ranking.ts";
import { createRandom } from "../../src/base/random.ts";

describe("ascendingOrder", () => {
  test("sorts negative, zero and positive scores, and is stable", () => {
    const scores = Float32Array.of(0.5, -2, 0, 3e8, 0.5, -1e-20);
    expect([...ascendingOrder(scores)]).toEqual([1, 5, 2, 0, 4, 3]);
  });

  test("agrees with Array.sort on 5,000 seeded scores", () => {
    const random = createRandom(7);
    const scores = Float32Array.from({ length: 5000 }, () => random.normal());
    const sorted = Float32Array.from(ascendingOrder(scores), (row) => scores[row] ?? NaN);
    expect(sorted).toEqual(scores.slice().sort());
  });

  test("is empty without rows", () => {
    expect(ascendingOrder(new Float32Array(0))).toHaveLength(0);
  });
});

describe("weightedAuc", () => {
  const scores = Float32Array.of(0.9, 0.4, 0.4, 0.1);
  const labels = [1, 1, 0, 0];

  test("weights a pair by both of its groups", () => {
    // Positives 0.9 (weight 1) and 0.4 (weight 2), negatives 0.4 (weight 3) and 0.1 (weight 1):
    // 0.9 wins all 4, 0.4 wins 1 and half of 3: (1*4 + 2*(1 + 1.5)) / (3 * 4) = 9/12.
    const ranking = rankRows(scores, labels, [0, 1, 2, 3]);
    expect(weightedAuc(ranking, Float64Array.of(1, 2, 3, 1))).toBe(0.75);
  });

  test("weight 0 equals leaving the rows out", () => {
    const ranking = rankRows(scores, labels, [0, 1, 2, 3]);
    expect(weightedAuc(ranking, Float64Array.of(0, 1, 1, 0))).toBe(0.5);
    expect(weightedAuc(ranking, Float64Array.of(1, 1, 0, 0))).toBeNull();
  });
});
