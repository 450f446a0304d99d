import { autoint } from "./backbones/autoint.ts";
import { dcn } from "./backbones/dcn.ts";
import type { Backbone } from "./model.ts";

/** Whether a model is the published one, or the one the paper's public code computes where the two differ. */
export type ModelVariant = "corrected" | "reference";

/** Every backbone by its name in a pipeline file. */
export const backbones = {
  autoint: () => autoint(),
  dcn: (variant) => dcn({ residual: variant === "reference" ? "lost" : "kept" }),
} as const satisfies Record<string, (variant: ModelVariant) => Backbone>;

export type BackboneName = keyof typeof backbones;
