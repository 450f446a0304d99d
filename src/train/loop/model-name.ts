import type { ModelIdentity } from "./model-folder.ts";

/** A trained model as people read it: `dcn r4ec seed 1`, of a grid `dcn r4ec trial 3 seed 1`; trial 0 goes without saying. */
export function modelName({ backbone, variant, trial, seed }: ModelIdentity): string {
  return `${backbone} ${variant}${trial === 0 ? "" : ` trial ${trial}`} seed ${seed}`;
}
