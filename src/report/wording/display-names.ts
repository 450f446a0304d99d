import type { SliceResult } from "../run-results.ts";

const backbones: Readonly<Record<string, string>> = {
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

/** A backbone as the literature spells it; unknown names stay as they are. */
export function backboneName(name: string): string {
  return backbones[name] ?? name;
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
