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
 * How the literature writes a backbone or a variant; names it does not know stay as they are. A variant of another encoder,
 * `r4ec@bert-base`, is "R4ec, bert-base".
 */
export function displayName(name: string): string {
  const [variant = "", ...encoder] = name.split("@");
  return [names[variant] ?? variant, ...encoder].join(", ");
}
