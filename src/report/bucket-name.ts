import type { SliceResult } from "./run-results.ts";

const names: Readonly<Record<string, string>> = {
  low: "quiet",
  mid: "middling",
  high: "busy",
};

/** "cold items", "busy users" and the like. */
export function bucketName({ slice, bucket }: Pick<SliceResult, "slice" | "bucket">): string {
  return `${names[bucket] ?? bucket} ${slice}`;
}
