import { describe, expect, test } from "vitest";
import { scoreBuckets } from "../../src/metrics/bucket-scores.ts";

describe("scoreBuckets", () => {
  test("scores the rows of each bucket separately", () => {
    // Bucket 0: liked .6 above disliked .2. Bucket 1: liked .7 and .3, disliked .5: one of two pairs is right.
    const scored = {
      probabilities: Float32Array.of(0.5, 0.6, 0.7, 0.2, 0.3),
      labels: Int8Array.of(0, 1, 1, 0, 1),
    };
    const buckets = Int8Array.of(1, 0, 1, 0, 1);
    const close = (value: number) => expect.closeTo(value, 6) as number;
    expect(scoreBuckets(scored, buckets, ["a", "b"])).toEqual([
      {
        ...{ bucket: "a", rows: 2, positives: 1, auc: 1 },
        logLoss: close(-(Math.log(0.6) + Math.log(0.8)) / 2),
      },
      {
        ...{ bucket: "b", rows: 3, positives: 2, auc: 0.5 },
        logLoss: close(-(Math.log(0.5) + Math.log(0.7) + Math.log(0.3)) / 3),
      },
    ]);
  });

  test("has no AUC for a bucket of one class, and no scores for an empty one", () => {
    const scored = { probabilities: Float32Array.of(0.5, 0.5), labels: Int8Array.of(1, 1) };
    expect(scoreBuckets(scored, Int8Array.of(1, 1), ["a", "b"])).toEqual([
      { bucket: "a", rows: 0, positives: 0, auc: null, logLoss: null },
      { bucket: "b", rows: 2, positives: 2, auc: null, logLoss: Math.LN2 },
    ]);
  });
});
