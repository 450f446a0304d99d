import { describe, expect, test } from "vitest";
import {
  auc,
  expectedCalibrationError,
  gauc,
  LOGLOSS_CLIP,
  logLoss,
  meanAndSd,
} from "../../src/metrics/metrics.ts";
import { createRandom } from "../../src/base/random.ts";

/** The definition: the share of (positive, negative) pairs in the right order; equal scores count half. */
function aucByPairs(scores: Float32Array, labels: readonly number[]): number {
  let [right, pairs] = [0, 0];
  scores.forEach((positive, i) => {
    scores.forEach((negative, j) => {
      if (labels[i] !== 1 || labels[j] !== 0) return;
      pairs++;
      right += positive > negative ? 1 : positive === negative ? 0.5 : 0;
    });
  });
  return right / pairs;
}

describe("auc", () => {
  test("counts the pairs in the right order: 3 of 4", () => {
    expect(auc(Float32Array.of(0.1, 0.4, 0.35, 0.8), [0, 0, 1, 1])).toBe(0.75);
  });

  test("counts equal scores half: 2.5 of 4", () => {
    expect(auc(Float32Array.of(0.2, 0.5, 0.5, 0.3), [0, 1, 0, 1])).toBe(0.625);
  });

  test("is 1/2 when all scores are equal, 1 and 0 at the extremes", () => {
    expect(auc(Float32Array.of(0.3, 0.3, 0.3), [1, 0, 0])).toBe(0.5);
    expect(auc(Float32Array.of(0.1, 0.9), [0, 1])).toBe(1);
    expect(auc(Float32Array.of(0.9, 0.1), [0, 1])).toBe(0);
  });

  test("is null for one class and without rows", () => {
    expect(auc(Float32Array.of(0.1, 0.9), [1, 1])).toBeNull();
    expect(auc(Float32Array.of(0.1, 0.9), [0, 0])).toBeNull();
    expect(auc(new Float32Array(0), [])).toBeNull();
  });

  test.each([1, 2, 3])("agrees with counting all pairs, many of them tied (seed %d)", (seed) => {
    const { uniform } = createRandom(seed);
    const scores = Float32Array.from({ length: 300 }, () => Math.round(uniform() * 40) / 40);
    const labels = Array.from({ length: 300 }, () => (uniform() < 0.6 ? 1 : 0));
    expect(auc(scores, labels)).toBeCloseTo(aucByPairs(scores, labels), 14);
  });
});

describe("logLoss", () => {
  test("is the mean of -ln p of the true labels", () => {
    // -(ln 0.5 + ln 0.25) / 2 = 1.5 ln 2
    expect(logLoss(Float32Array.of(0.5, 0.75), [1, 0])).toBeCloseTo(1.5 * Math.LN2, 12);
  });

  test("a certain mistake costs ln 10^7, a certain hit nearly nothing", () => {
    expect(logLoss(Float32Array.of(0), [1])).toBeCloseTo(7 * Math.LN10, 6);
    expect(logLoss(Float32Array.of(1), [0])).toBeCloseTo(7 * Math.LN10, 6);
    expect(logLoss(Float32Array.of(1), [1])).toBeCloseTo(LOGLOSS_CLIP, 12);
  });

  test("is null without rows", () => {
    expect(logLoss(new Float32Array(0), [])).toBeNull();
  });
});

describe("gauc", () => {
  test("weights each user's AUC by the user's rows: (4 · 3/4 + 2 · 1) / 6", () => {
    // User 7 has 3 of 4 pairs right, user 3 its only one; user 5 has one class and does not count.
    const scores = Float32Array.of(0.1, 0.9, 0.4, 0.2, 0.35, 0.5, 0.8);
    const labels = [0, 1, 0, 0, 1, 1, 1];
    const users = [7, 3, 7, 3, 7, 5, 7];
    expect(gauc(scores, labels, users)).toBeCloseTo(5 / 6, 14);
  });

  test("counts equal scores of a user half, and never compares users", () => {
    // User 1: a tie and a pair in order, 1.5 of 2. User 2: its pair in the wrong order, 0 of 1.
    const scores = Float32Array.of(0.5, 0.5, 0.3, 0.5, 0.5000001);
    expect(gauc(scores, [1, 0, 0, 1, 0], [1, 1, 1, 2, 2])).toBeCloseTo((3 * 0.75) / 5, 14);
  });

  test("ignores a user's overall level, unlike AUC", () => {
    const scores = Float32Array.of(0.8, 0.9, 0.1, 0.2);
    const labels = [0, 1, 0, 1];
    expect(gauc(scores, labels, [1, 1, 2, 2])).toBe(1);
    expect(auc(scores, labels)).toBe(0.75);
  });

  test("equals AUC for a single user", () => {
    const { uniform } = createRandom(4);
    const scores = Float32Array.from({ length: 200 }, () => Math.round(uniform() * 30) / 30);
    const labels = Array.from({ length: 200 }, () => (uniform() < 0.6 ? 1 : 0));
    expect(gauc(scores, labels, new Int32Array(200))).toBeCloseTo(auc(scores, labels) ?? 0, 14);
  });

  test("is null if no user has both classes, and without rows", () => {
    expect(gauc(Float32Array.of(0.1, 0.9), [0, 1], [1, 2])).toBeNull();
    expect(gauc(new Float32Array(0), [], [])).toBeNull();
  });
});

describe("expectedCalibrationError", () => {
  test("weights each bin's gap by its rows: (4 · |1/4 - 3/4| + 1 · |1 - 7/8|) / 5", () => {
    const probabilities = Float32Array.of(0.75, 0.75, 0.75, 0.75, 0.875);
    expect(expectedCalibrationError(probabilities, [0, 0, 1, 0, 1])).toBeCloseTo(2.125 / 5, 12);
  });

  test("errors cancel within a bin, but not across bins", () => {
    expect(expectedCalibrationError(Float32Array.of(0.5, 0.5), [1, 0])).toBe(0);
    expect(expectedCalibrationError(Float32Array.of(0.25, 0.75), [1, 0])).toBe(0.75);
  });

  test("takes 0 and 1: certain hits cost 0, certain mistakes 1", () => {
    expect(expectedCalibrationError(Float32Array.of(0, 1), [0, 1])).toBe(0);
    expect(expectedCalibrationError(Float32Array.of(0, 1), [1, 0])).toBe(1);
  });

  test("is null without rows", () => {
    expect(expectedCalibrationError(new Float32Array(0), [])).toBeNull();
  });
});

describe("meanAndSd", () => {
  test("divides by n - 1", () => {
    expect(meanAndSd([2, 4, 6])).toEqual({ mean: 4, sd: 2 });
  });

  test("has no deviation for a single value", () => {
    expect(meanAndSd([0.75])).toEqual({ mean: 0.75, sd: null });
  });
});
