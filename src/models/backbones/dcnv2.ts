import { matrixCrossLayers } from "../layers/interactions/cross-layer.ts";
import { embedFeatures } from "../layers/embedding/embedding.ts";
import { mlp } from "../layers/dense/mlp.ts";
import { outputHead } from "../layers/dense/output-head.ts";
import type { Backbone } from "../model.ts";

/** Sizes of {@link dcnv2}. */
export interface Dcnv2Options {
  /** Default 3. */
  readonly crossLayers?: number;
  /** Default [200, 80]. */
  readonly deepWidths?: readonly number[];
  /** Default [200, 80]. */
  readonly finalWidths?: readonly number[];
}

/**
 * DCN v2: cross layers with full matrices beside an MLP, joined by a second MLP.
 * Source: Wang et al., "DCN V2: Improved Deep & Cross Network", 2021, "parallel" structure.
 *
 * The second MLP is that of the R4ec paper's public code; as published, one linear unit joins the two.
 */
export function dcnv2({
  crossLayers: layers = 3,
  deepWidths = [200, 80],
  finalWidths = [200, 80],
}: Dcnv2Options = {}): Backbone {
  return (scope, inputs, knowledge) => {
    const x0 = embedFeatures(scope, inputs, knowledge); // [B, D]
    const cross = matrixCrossLayers(scope, "cross_net", x0, { layers }); // [B, D]
    const deep = mlp(scope, "deep_net", x0, deepWidths); // [B, last of deepWidths]
    return outputHead(scope, scope.ops.concat([deep, cross], 1), finalWidths);
  };
}
