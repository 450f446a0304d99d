import { crossLayers } from "../layers/interactions/cross-layer.ts";
import { embedFeatures } from "../layers/embedding/embedding.ts";
import { mlp } from "../layers/dense/mlp.ts";
import { outputHead } from "../layers/dense/output-head.ts";
import type { Backbone } from "../model.ts";

/** Sizes of {@link dcn}. */
export interface DcnOptions {
  /** Default 3. */
  readonly crossLayers?: number;
  /** Default [200, 80]. */
  readonly deepWidths?: readonly number[];
  /** Default [200, 80]. */
  readonly finalWidths?: readonly number[];
  /** Default "kept", the published layer; "lost" follows the paper's public code. */
  readonly residual?: "kept" | "lost";
}

/**
 * DCN v1: cross layers beside an MLP, joined by a second MLP.
 * Source: Wang et al., "Deep & Cross Network for Ad Click Predictions", 2017.
 *
 * The second MLP is that of the R4ec paper's public code; as published, one linear unit joins the two.
 */
export function dcn({
  crossLayers: layers = 3,
  deepWidths = [200, 80],
  finalWidths = [200, 80],
  residual = "kept",
}: DcnOptions = {}): Backbone {
  return (scope, inputs, knowledge) => {
    const x0 = embedFeatures(scope, inputs, knowledge); // [B, D]
    const cross = crossLayers(scope, "cross_net", x0, { layers, residual }); // [B, D]
    const deep = mlp(scope, "deep_net", x0, deepWidths); // [B, last of deepWidths]
    return outputHead(scope, scope.ops.concat([deep, cross], 1), finalWidths);
  };
}
