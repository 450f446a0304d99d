import type { ModelScope } from "../../model.ts";

/**
 * The compressed interaction network of xDeepFM: layer k is a weighted sum of all products of the fields with the previous layer's maps,
 * `x^k_h = Σ_{i,j} W^k_{h,ij} (x^0_i ∘ x^{k-1}_j) + b^k_h`; the result is each map's sum over the embedding axis.
 * Source: Lian et al., "xDeepFM: Combining Explicit and Implicit Feature Interactions for Recommender Systems", 2018,
 * equation 6; like the paper's public code with a bias and without an activation.
 *
 * Letters: `B` = batch size, `F` = fields, `d` = width of a field, `M` = maps of the previous layer.
 *
 * @param name - Prefix of the parameters `name.cin_layer.layer_1.weight` `[width, F M, 1]`, `name.cin_layer.layer_1.bias`, …
 * @param fields - Shape `[B, F, d]`
 * @param widths - Maps per layer
 * @returns Shape `[B, sum of widths]`
 */
export function compressedInteraction<T>(
  { ops, parameters, shape }: ModelScope<T>,
  name: string,
  fields: T,
  widths: readonly number[],
): T {
  const { batchSize } = shape;
  const [, fieldCount = 0, embeddingDim = 0] = ops.shapeOf(fields);
  // With maps as the last axis, a layer is one product of two matrices, and so is the gradient of its weights.
  const x0 = ops.transpose(fields, [0, 2, 1]); // [B, d, F]
  const left = ops.reshape(x0, [batchSize, embeddingDim, fieldCount, 1]);
  let maps = x0; // [B, d, M]
  const sums = widths.map((width, index) => {
    const module = `${name}.cin_layer.layer_${index + 1}`;
    const before = ops.shapeOf(maps).at(-1) ?? 0;
    const pairs = fieldCount * before;
    const right = ops.reshape(maps, [batchSize, embeddingDim, 1, before]);
    const products = ops.reshape(ops.mul(left, right), [batchSize, embeddingDim, pairs]);
    const weight = parameters.get(`${module}.weight`, [width, pairs, 1], "xavierNormal");
    const bias = parameters.get(`${module}.bias`, [width], "zeros");
    maps = ops.linear(products, ops.reshape(weight, [width, pairs]), bias); // [B, d, width]
    return ops.sum(maps, [1]); // [B, width]
  });
  return ops.concat(sums, 1);
}
