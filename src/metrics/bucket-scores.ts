import { sumByGroup } from "./group-sums.ts";
import { rowLosses } from "./metrics.ts";
import { rankRows, weightedAuc } from "./ranking.ts";

/** Buckets of the test rows; the index is the number in sql/experiments/bucketed_predictions.sql. */
export const bucketsOf = {
  items: ["cold", "tail", "head"],
  users: ["new", "low", "mid", "high"],
} as const;

/** A model's scores on the rows of one bucket. */
export interface BucketScore {
  readonly bucket: string;
  readonly rows: number;
  readonly positives: number;
  /** Null without rows of both classes. */
  readonly auc: number | null;
  /** Nats; null without rows. */
  readonly logLoss: number | null;
}

export interface ScoredRows {
  /** Shape `[rows]`, 0 to 1. */
  readonly probabilities: Float32Array;
  /** Shape `[rows]`, 0 or 1. */
  readonly labels: Int8Array;
}

/**
 * Scores each bucket separately: a row is only ranked among rows of its bucket.
 *
 * @param buckets - Bucket of each row, an index into `names`; shape `[rows]`
 */
export function scoreBuckets(
  { probabilities, labels }: ScoredRows,
  buckets: Int8Array,
  names: readonly string[],
): readonly BucketScore[] {
  const ranking = rankRows(probabilities, labels, buckets);
  const losses = sumByGroup(rowLosses(probabilities, labels), buckets, names.length);
  const positives = sumByGroup(labels, buckets, names.length);
  return names.map((bucket, place) => {
    const alone = Float64Array.from(names, (_none, other) => (other === place ? 1 : 0));
    const rows = losses.rows[place] ?? 0;
    return {
      bucket,
      rows,
      positives: positives.sums[place] ?? 0,
      auc: weightedAuc(ranking, alone),
      logLoss: rows === 0 ? null : (losses.sums[place] ?? 0) / rows,
    };
  });
}
