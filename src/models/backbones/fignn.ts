import { embedFeatures } from "../layers/embedding/embedding.ts";
import { featureGraph } from "../layers/interactions/feature-graph.ts";
import { linear } from "../layers/dense/linear.ts";
import type { Backbone } from "../model.ts";

/** Sizes of {@link fignn}. */
export interface FignnOptions {
  /** Rounds of messages; default 2. */
  readonly rounds?: number;
}

/**
 * FiGNN: messages between a row's feature fields, then one score per field, weighted by a gate over all fields.
 * Source: Li et al., "Fi-GNN: Modeling Feature Interactions via Graph Neural Networks for CTR Prediction", 2019.
 *
 * Departures, as in the R4ec paper's public code: no self-attention layer before the graph; the gate of a field sees all fields, where
 * Fi-GNN's sees that field alone.
 */
export function fignn({ rounds = 2 }: FignnOptions = {}): Backbone {
  return (scope, inputs, knowledge) => {
    const { ops, shape } = scope;
    const features = embedFeatures(scope, inputs, knowledge); // [B, F d]
    const fields = ops.reshape(features, [shape.batchSize, -1, shape.embeddingDim]); // [B, F, d]
    const [, fieldCount = 0] = ops.shapeOf(fields);
    const nodes = featureGraph(scope, "fignn", fields, { rounds }); // [B, F, d]
    const scores = linear(scope, "fc.linear1", nodes, 1, { bias: false }); // [B, F, 1]
    const flat = ops.reshape(nodes, [shape.batchSize, -1]); // [B, F d]
    const gate = ops.sigmoid(linear(scope, "fc.linear2.0", flat, fieldCount, { bias: false }));
    return ops.sum(ops.mul(gate, ops.reshape(scores, [shape.batchSize, fieldCount])), [1]); // [B]
  };
}
