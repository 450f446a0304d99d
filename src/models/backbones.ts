import { autoint } from "./backbones/autoint.ts";
import { dcn } from "./backbones/dcn.ts";
import { dcnv2 } from "./backbones/dcnv2.ts";
import { deepfm } from "./backbones/deepfm.ts";
import { dien, type DienOptions } from "./backbones/dien.ts";
import { din } from "./backbones/din.ts";
import { fibinet } from "./backbones/fibinet.ts";
import { fignn } from "./backbones/fignn.ts";
import { gru4rec } from "./backbones/gru4rec.ts";
import { xdeepfm } from "./backbones/xdeepfm.ts";
import type { Backbone } from "./model.ts";

/**
 * "reference" computes what the R4ec paper's public code does, "corrected" the same without its errors. Where both depart from a
 * publication, the backbone says so.
 */
export type ModelForm = "corrected" | "reference";

/** Options of all backbones from a pipeline file; each reads its own. */
export interface BackboneOptions {
  /** Default "corrected". */
  readonly form?: ModelForm;
  readonly dien?: Pick<DienOptions, "gru" | "auxiliaryLoss">;
}

/** Every backbone by its name in a pipeline file. */
export const backbones = {
  autoint: () => autoint(),
  dcn: ({ form }) => dcn({ residual: form === "reference" ? "lost" : "kept" }),
  dcnv2: () => dcnv2(),
  deepfm: () => deepfm(),
  dien: ({ form, dien: options }) => dien({ form: form ?? "corrected", ...options }),
  din: ({ form }) => din({ statistics: form === "reference" ? "batch" : "running" }),
  fibinet: () => fibinet(),
  fignn: () => fignn(),
  gru4rec: ({ form }) => gru4rec({ attentionOver: form === "reference" ? "batch" : "sample" }),
  xdeepfm: () => xdeepfm(),
} as const satisfies Record<string, (options: BackboneOptions) => Backbone>;

export type BackboneName = keyof typeof backbones;
