import type { SliceResult } from "../run-results.ts";

const names: Readonly<Record<string, string>> = {
  base: "Base",
  r4ec: "R4ec",
  r2ec: "R2ec",
  kar: "KAR",
  "base+history": "Base + long history",
  "base+id": "Base + user id",
  "base+stats": "Base + statistics",
  permuted: "Permuted",
  random: "Random",
  autoint: "AutoInt",
  dcn: "DCN",
  dcnv2: "DCNv2",
  deepfm: "DeepFM",
  dien: "DIEN",
  din: "DIN",
  fignn: "FiGNN",
  gru4rec: "GRU4Rec",
  xdeepfm: "xDeepFM",
  fibinet: "FiBiNet",
};

/**
 * A backbone or a variant as the literature spells it; unknown names stay as they are. A variant with another encoder,
 * `r4ec@bert-base`, becomes "R4ec, bert-base".
 */
export function displayName(name: string): string {
  const [variant = "", ...encoder] = name.split("@");
  return [names[variant] ?? variant, ...encoder].join(", ");
}

const bucketNames: Readonly<Record<string, string>> = {
  low: "quiet",
  mid: "moderate",
  high: "busy",
};

/** The test rows of one bucket: "cold items", "busy users". */
export function bucketName({ slice, bucket }: Pick<SliceResult, "slice" | "bucket">): string {
  return `${bucketNames[bucket] ?? bucket} ${slice}`;
}
