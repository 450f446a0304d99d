import { autoint } from "./backbones/autoint.ts";
import { dcn } from "./backbones/dcn.ts";
import { dcnv2 } from "./backbones/dcnv2.ts";
import { deepfm } from "./backbones/deepfm.ts";
import { dien, type EvolutionGru } from "./backbones/dien.ts";
import { din } from "./backbones/din.ts";
import { fibinet } from "./backbones/fibinet.ts";
import { fignn } from "./backbones/fignn.ts";
import { gru4rec } from "./backbones/gru4rec.ts";
import { xdeepfm } from "./backbones/xdeepfm.ts";
import type { Backbone } from "./model.ts";

/** Whether a model is the published one, or the one the paper's public code computes where the two differ. */
export type ModelForm = "corrected" | "reference";

/** What a pipeline file says about the backbones; each takes what concerns it. */
export interface BackboneOptions {
  /** Default "corrected". */
  readonly form?: ModelForm;
  /** Default AUGRU, in the form "reference" AIGRU, and no auxiliary loss. */
  readonly dien?: { readonly gru?: EvolutionGru; readonly auxiliaryLoss?: number };
}

/** Every backbone by its name in a pipeline file. */
export const backbones = {
  autoint: () => autoint(),
  dcn: ({ form }) => dcn({ residual: form === "reference" ? "lost" : "kept" }),
  dcnv2: () => dcnv2(),
  deepfm: () => deepfm(),
  dien: ({ form = "corrected", dien: options }) =>
    dien({ form, gru: form === "reference" ? "aigru" : "augru", ...options }),
  din: ({ form }) => din({ statistics: form === "reference" ? "batch" : "running" }),
  fibinet: () => fibinet(),
  fignn: () => fignn(),
  gru4rec: ({ form }) => gru4rec({ attentionOver: form === "reference" ? "batch" : "sample" }),
  xdeepfm: () => xdeepfm(),
} as const satisfies Record<string, (options: BackboneOptions) => Backbone>;

export type BackboneName = keyof typeof backbones;
