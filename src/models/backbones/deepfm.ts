import { embedFeatures, embedTargetAttributes } from "../layers/embedding/embedding.ts";
import { pairwiseProducts } from "../layers/interactions/factorization-machine.ts";
import { linear } from "../layers/dense/linear.ts";
import { mlp } from "../layers/dense/mlp.ts";
import type { Backbone, ModelInputs, ModelScope } from "../model.ts";

/** Sizes of {@link deepfm}. */
export interface DeepfmOptions {
  /** Default [200, 80]. */
  readonly deepWidths?: readonly number[];
}

/**
 * DeepFM: a factorization machine plus an MLP over the same embeddings.
 * Source: Guo et al., "DeepFM: A Factorization-Machine based Neural Network for CTR Prediction", 2017.
 *
 * As in the R4ec paper's public code, only the item and its attributes have first-order weights, where DeepFM has one for every feature;
 * and knowledge enters the first-order term and the MLP, but not the pairwise products.
 */
export function deepfm({ deepWidths = [200, 80] }: DeepfmOptions = {}): Backbone {
  return (scope, inputs, knowledge) => {
    const { ops, shape } = scope;
    const features = embedFeatures(scope, inputs, undefined); // [B, F d]
    const fields = ops.reshape(features, [shape.batchSize, -1, shape.embeddingDim]); // [B, F, d]
    const x0 = knowledge === undefined ? features : ops.concat([features, knowledge], 1);
    const deep = linear(scope, "dnn_fc_out", mlp(scope, "deep_part", x0, deepWidths), 1); // [B, 1]
    const wide = firstOrder(scope, inputs, knowledge); // [B, 1]
    return ops.reshape(ops.add(ops.add(wide, pairwiseProducts(scope, fields)), deep), [-1]); // [B]
  };
}

/** One weight per item and attribute value, plus a linear term of the knowledge. Returns `[B, 1]`. */
function firstOrder<T>(scope: ModelScope<T>, inputs: ModelInputs<T>, knowledge: T | undefined): T {
  const { ops, parameters, shape } = scope;
  const weights = (name: string, rows: number): T =>
    parameters.get(name, [rows, 1], "xavierNormal");
  const attributeTable = weights("fm_first_aid_emb.weight", shape.attributeValues + 1);
  const attributes = embedTargetAttributes(scope, inputs, attributeTable); // [B, A]
  const item = ops.gather(weights("fm_first_iid_emb.weight", shape.items + 1), inputs.items);
  const ids = ops.add(item, ops.sum(attributes, [1], true));
  if (knowledge === undefined) return ids;
  const width = ops.shapeOf(knowledge).at(-1) ?? 0;
  return ops.add(ids, ops.matmul(knowledge, weights("fm_first_dense_weight", width)));
}
