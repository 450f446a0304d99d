import { embedFeatures } from "../layers/embedding/embedding.ts";
import { linear } from "../layers/dense/linear.ts";
import { selfAttention } from "../layers/attention/self-attention.ts";
import type { Backbone } from "../model.ts";

/** Sizes of {@link autoint}. */
export interface AutointOptions {
  /** Default 3. */
  readonly layers?: number;
  /** Width of queries, keys and values; default 64. */
  readonly attentionWidth?: number;
}

/**
 * AutoInt: self-attention between a row's feature fields, then one linear layer.
 * Source: Song et al., "AutoInt: Automatic Feature Interaction Learning via Self-Attentive Neural Networks", 2019.
 *
 * Departures, as in the R4ec paper's public code: one head; scores divided by the root of the width; only the first layer projects its
 * residual, the others add their input as it is.
 */
export function autoint({ layers = 3, attentionWidth = 64 }: AutointOptions = {}): Backbone {
  return (scope, inputs, knowledge) => {
    const { ops, shape } = scope;
    const { batchSize, embeddingDim } = shape;
    const features = embedFeatures(scope, inputs, knowledge); // [B, F d]
    let fields = ops.reshape(features, [batchSize, -1, embeddingDim]); // [B, F, d]
    for (let layer = 0; layer < layers; layer++) {
      fields = selfAttention(scope, `self_attention.${layer}`, fields, {
        width: attentionWidth,
        projectResidual: layer === 0,
      }); // [B, F, w]
    }
    const flat = ops.reshape(fields, [batchSize, -1]); // [B, F w]
    return ops.reshape(linear(scope, "attn_out", flat, 1), [-1]); // [B]
  };
}
