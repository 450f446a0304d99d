import { bilinearInteraction } from "../layers/interactions/bilinear-interaction.ts";
import { embedFeatures } from "../layers/embedding/embedding.ts";
import { linear } from "../layers/dense/linear.ts";
import { mlp } from "../layers/dense/mlp.ts";
import { squeezeExcitation } from "../layers/interactions/squeeze-excitation.ts";
import type { Backbone } from "../model.ts";

/** Sizes of {@link fibinet}. */
export interface FibinetOptions {
  /** Default [200, 80]. */
  readonly deepWidths?: readonly number[];
}

/**
 * FiBiNet: an MLP over the bilinear products of all pairs of fields, and of all pairs of fields weighted by SENET.
 * Source: Huang et al., "FiBiNET: Combining Feature Importance and Bilinear Feature Interaction for Click-Through Rate
 * Prediction", 2019; without its first-order term, as in the paper's public code.
 */
export function fibinet({ deepWidths = [200, 80] }: FibinetOptions = {}): Backbone {
  return (scope, inputs, knowledge) => {
    const { ops, shape } = scope;
    const features = embedFeatures(scope, inputs, knowledge); // [B, F d]
    const fields = ops.reshape(features, [shape.batchSize, -1, shape.embeddingDim]); // [B, F, d]
    const weighted = squeezeExcitation(scope, "senet_layer", fields);
    const pairs = [fields, weighted].map((x) => {
      const products = bilinearInteraction(scope, "bilinear_layer", x); // [B, F (F - 1) / 2, d]
      return ops.reshape(products, [shape.batchSize, -1]);
    });
    const hidden = mlp(scope, "dnn", ops.concat(pairs, 1), deepWidths);
    return ops.reshape(linear(scope, "fc_out", hidden, 1), [-1]); // [B]
  };
}
