import { describe, expect, test } from "vitest";
import {
  bootstrapLift,
  drawUserWeights,
  quantile,
  weightedLift,
} from "../../src/train/bootstrap.ts";
import { auc } from "../../src/train/metrics.ts";
import { createRandom } from "../../src/train/random.ts";
import { rankRows } from "../../src/train/ranking.ts";

const rows = 400;
const users = 25;

/** A test split with two models a side: the candidates' scores carry more of the label. */
function scored(seed: number) {
  const { uniform } = createRandom(seed);
  const userOf = Array.from({ length: rows }, () => Math.floor(uniform() * users));
  const labels = Array.from({ length: rows }, () => (uniform() < 0.5 ? 1 : 0));
  const scores = (signal: number): Float32Array =>
    Float32Array.from(labels, (label) => Math.round((signal * label + uniform()) * 50) / 50);
  return {
    userOf,
    labels,
    baseline: [scores(0.2), scores(0.2)],
    candidate: [scores(0.6), scores(0.6)],
  };
}

/** The lift when each user's rows really are repeated as often as the user was drawn. */
function liftByRepeating(
  { userOf, labels, baseline, candidate }: ReturnType<typeof scored>,
  weights: Float64Array,
): number {
  const drawn = userOf.flatMap((user, row) =>
    Array.from({ length: weights[user] ?? 0 }, () => row),
  );
  const meanAuc = (models: readonly Float32Array[]): number =>
    models.reduce((sum, scores) => {
      const repeated = Float32Array.from(drawn, (row) => scores[row] ?? NaN);
      return (
        sum +
        (auc(
          repeated,
          drawn.map((row) => labels[row] ?? NaN),
        ) ?? NaN) /
          models.length
      );
    }, 0);
  return meanAuc(candidate) - meanAuc(baseline);
}

describe("drawUserWeights", () => {
  test("draws as many users as there are", () => {
    const weights = drawUserWeights(users, createRandom(1).uniform);
    expect(weights.reduce((sum, weight) => sum + weight, 0)).toBe(users);
    expect(weights.some((weight) => weight === 0)).toBe(true);
  });
});

describe("weightedLift", () => {
  test.each([1, 2, 3])("equals the lift on really repeated rows (seed %d)", (seed) => {
    const data = scored(seed);
    const rank = (scores: Float32Array) => rankRows(scores, data.labels, data.userOf);
    const weights = drawUserWeights(users, createRandom(seed).uniform);
    const lift = weightedLift(data.baseline.map(rank), data.candidate.map(rank), weights);
    expect(lift).toBeCloseTo(liftByRepeating(data, weights), 13);
  });
});

describe("bootstrapLift", () => {
  const data = scored(5);
  const rank = (scores: Float32Array) => rankRows(scores, data.labels, data.userOf);
  const baseline = data.baseline.map(rank);
  const candidate = data.candidate.map(rank);

  test("is the quantiles of the lifts of its resamples", async () => {
    const { uniform } = createRandom(9);
    const lifts = Array.from({ length: 40 }, () =>
      liftByRepeating(data, drawUserWeights(users, uniform)),
    );
    const sorted = Float64Array.from(lifts).sort();
    const interval = await bootstrapLift({
      baseline,
      candidate,
      users,
      resamples: 40,
      random: createRandom(9).uniform,
    });
    expect(interval.resamples).toBe(40);
    expect(interval.low).toBeCloseTo(quantile(sorted, 0.025) ?? NaN, 13);
    expect(interval.high).toBeCloseTo(quantile(sorted, 0.975) ?? NaN, 13);
    expect(interval.low).toBeGreaterThan(0);
  });

  test("a model against itself has the interval 0 to 0", async () => {
    const options = { baseline, candidate: baseline, users, resamples: 20 };
    const interval = await bootstrapLift({ ...options, random: createRandom(1).uniform });
    expect(interval).toEqual({ low: 0, high: 0, resamples: 20 });
  });

  test("knows no interval for a single user, nor where one class never occurs", async () => {
    const random = createRandom(1).uniform;
    const one = [rankRows(Float32Array.of(0.1, 0.9), [0, 1], [0, 0])];
    const nothing = { low: null, high: null, resamples: 0 };
    expect(
      await bootstrapLift({ baseline: one, candidate: one, users: 1, resamples: 10, random }),
    ).toEqual(nothing);
    const alike = [rankRows(Float32Array.of(0.1, 0.9), [1, 1], [0, 1])];
    expect(
      await bootstrapLift({ baseline: alike, candidate: alike, users: 2, resamples: 10, random }),
    ).toEqual(nothing);
  });
});

describe("quantile", () => {
  test("interpolates between order statistics", () => {
    expect(quantile(Float64Array.of(0, 1, 2, 3, 4), 0.5)).toBe(2);
    expect(quantile(Float64Array.of(0, 10), 0.025)).toBe(0.25);
    expect(quantile(new Float64Array(0), 0.5)).toBeNull();
  });
});
