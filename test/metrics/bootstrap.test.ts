import { describe, expect, test } from "vitest";
import {
  bootstrapScores,
  differenceInterval,
  drawUserWeights,
  quantile,
  type ResampledModel,
} from "../../src/metrics/bootstrap.ts";
import { auc, logLoss, rowLosses } from "../../src/metrics/metrics.ts";
import { createRandom } from "../../src/base/random.ts";
import { rankRows } from "../../src/metrics/ranking.ts";
import { sumByGroup } from "../../src/metrics/group-sums.ts";

const rows = 400;
const users = 25;

/** A test split with two baselines and two candidates; the candidates' scores are closer to the labels. */
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

type Scored = ReturnType<typeof scored>;

/** Mean score over models, with each user's rows actually repeated as often as the user was drawn. */
function meanByRepeating(
  { userOf, labels }: Scored,
  models: readonly Float32Array[],
  weights: Float64Array,
  figure: (scores: Float32Array, labels: readonly number[]) => number | null,
): number {
  const drawn = userOf.flatMap((user, row) =>
    Array.from({ length: weights[user] ?? 0 }, () => row),
  );
  const repeatedLabels = drawn.map((row) => labels[row] ?? NaN);
  const figures = models.map((scores) => {
    const repeated = Float32Array.from(drawn, (row) => scores[row] ?? NaN);
    return figure(repeated, repeatedLabels) ?? NaN;
  });
  return figures.reduce((sum, value) => sum + value, 0) / figures.length;
}

function modelOf({ userOf, labels }: Scored, scores: Float32Array): ResampledModel {
  return {
    ranking: rankRows(scores, labels, userOf),
    losses: sumByGroup(rowLosses(scores, labels), Int32Array.from(userOf), users),
  };
}

describe("drawUserWeights", () => {
  test("draws as many users as there are", () => {
    const weights = drawUserWeights(users, createRandom(1).uniform);
    expect(weights.reduce((sum, weight) => sum + weight, 0)).toBe(users);
    expect(weights.some((weight) => weight === 0)).toBe(true);
  });
});

describe("bootstrapScores", () => {
  const data = scored(5);
  const before = data.baseline.map((scores) => modelOf(data, scores));
  const after = data.candidate.map((scores) => modelOf(data, scores));
  const options = { users, resamples: 40 };

  test.each([
    ["auc", auc],
    ["logLoss", logLoss],
  ] as const)(
    "gives all models the same resamples: differences in %s are those of each pair on really repeated rows",
    async (key, figure) => {
      const series = await bootstrapScores({
        ...options,
        models: [...before, ...after],
        random: createRandom(9).uniform,
      });
      const { uniform } = createRandom(9);
      const differences = Float64Array.from({ length: 40 }, () => {
        const weights = drawUserWeights(users, uniform);
        const [one, other] = [data.baseline, data.candidate].map((models) =>
          meanByRepeating(data, models, weights, figure),
        );
        return (other ?? NaN) - (one ?? NaN);
      });
      differences.sort();
      const interval = differenceInterval(
        series.slice(0, 2).map((scores) => scores[key]),
        series.slice(2).map((scores) => scores[key]),
      );
      expect(interval.resamples).toBe(40);
      expect(interval.low).toBeCloseTo(quantile(differences, 0.025) ?? NaN, 12);
      expect(interval.high).toBeCloseTo(quantile(differences, 0.975) ?? NaN, 12);
    },
  );

  test("a model's scores do not depend on the other models", async () => {
    const alone = await bootstrapScores({
      ...options,
      models: after,
      random: createRandom(9).uniform,
    });
    const together = await bootstrapScores({
      ...options,
      models: [...before, ...after],
      random: createRandom(9).uniform,
    });
    expect(together.slice(2)).toEqual(alone);
  });

  test("calls afterModel for every model of every resample", async () => {
    let told = 0;
    const afterModel = (): Promise<void> => {
      told++;
      return Promise.resolve();
    };
    const { uniform } = createRandom(1);
    await bootstrapScores({ users, resamples: 3, models: before, random: uniform, afterModel });
    expect(told).toBe(6);
  });

  test("is empty for a single user, and has no AUC if one class never occurs", async () => {
    const model = (labels: readonly number[], groups: readonly number[]): ResampledModel => {
      const scores = Float32Array.of(0.5, 0.5);
      const losses = sumByGroup(rowLosses(scores, labels), Int32Array.from(groups), 2);
      return { ranking: rankRows(scores, labels, groups), losses };
    };
    const scoresOf = (one: ResampledModel, count: number) =>
      bootstrapScores({
        ...{ models: [one], users: count, resamples: 2 },
        random: createRandom(1).uniform,
      });
    expect(await scoresOf(model([0, 1], [0, 0]), 1)).toEqual([
      { auc: new Float64Array(0), logLoss: new Float64Array(0) },
    ]);
    expect(await scoresOf(model([1, 1], [0, 1]), 2)).toEqual([
      { auc: Float64Array.of(NaN, NaN), logLoss: Float64Array.of(Math.LN2, Math.LN2) },
    ]);
  });
});

describe("differenceInterval", () => {
  test("gives the quantiles of the differences of means per resample", () => {
    // Means of the candidates 3, 5 and of the baseline 1, 1: differences 2 and 4.
    const interval = differenceInterval(
      [Float64Array.of(0, 2), Float64Array.of(2, 0)],
      [Float64Array.of(3, 5)],
    );
    expect(interval).toEqual({
      low: expect.closeTo(2.05, 12) as number,
      high: expect.closeTo(3.95, 12) as number,
      se: expect.closeTo(Math.SQRT2, 12) as number,
      resamples: 2,
    });
  });

  test("has no interval without resamples", () => {
    const none = [new Float64Array(0)];
    expect(differenceInterval(none, none)).toEqual({
      ...{ low: null, high: null, se: null, resamples: 0 },
    });
  });

  test("skips resamples in which a model has no score", () => {
    const interval = differenceInterval([Float64Array.of(1, 1)], [Float64Array.of(NaN, 2)]);
    expect(interval).toEqual({ low: 1, high: 1, se: null, resamples: 1 });
  });

  test("has a standard error of exactly 0 where all resamples agree", () => {
    const tenth = new Float64Array(7).fill(0.1); // their mean is not quite 0.1
    expect(differenceInterval([new Float64Array(7)], [tenth]).se).toBe(0);
  });
});

describe("quantile", () => {
  test("interpolates between order statistics", () => {
    expect(quantile(Float64Array.of(0, 1, 2, 3, 4), 0.5)).toBe(2);
    expect(quantile(Float64Array.of(0, 10), 0.025)).toBe(0.25);
    expect(quantile(new Float64Array(0), 0.5)).toBeNull();
  });
});
