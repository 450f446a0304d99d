import { compressedInteraction } from "../layers/interactions/compressed-interaction.ts";
import { embedFeatures } from "../layers/embedding/embedding.ts";
import { linear } from "../layers/dense/linear.ts";
import { mlp } from "../layers/dense/mlp.ts";
import type { Backbone } from "../model.ts";

/** Sizes of {@link xdeepfm}. */
export interface XdeepfmOptions {
  /** Maps of each layer of the compressed interaction network; default [50, 50]. */
  readonly interactionWidths?: readonly number[];
  /** Default [200, 80]. */
  readonly deepWidths?: readonly number[];
}

/**
 * xDeepFM: a compressed interaction network beside an MLP, joined by one linear unit.
 * Source: Lian et al., "xDeepFM: Combining Explicit and Implicit Feature Interactions for Recommender Systems", 2018; without its
 * first-order term, as in the paper's public code.
 */
export function xdeepfm({
  interactionWidths = [50, 50],
  deepWidths = [200, 80],
}: XdeepfmOptions = {}): Backbone {
  return (scope, inputs, knowledge) => {
    const { ops, shape } = scope;
    const features = embedFeatures(scope, inputs, knowledge); // [B, F d]
    const fields = ops.reshape(features, [shape.batchSize, -1, shape.embeddingDim]); // [B, F, d]
    const products = compressedInteraction(scope, "cin", fields, interactionWidths);
    const deep = mlp(scope, "dnn", features, deepWidths);
    const logits = linear(scope, "final_fc", ops.concat([products, deep], 1), 1); // [B, 1]
    return ops.reshape(logits, [-1]);
  };
}
