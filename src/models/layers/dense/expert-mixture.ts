import type { ModelScope } from "../../model.ts";
import { mlpModulesPerLayer } from "./mlp.ts";

/**
 * A mixture of experts, `Σ_e weight_e · relu(W2_e relu(W1_e x + b1_e) + b2_e)`, with one batched product per layer.
 * Source: Jacobs et al., "Adaptive Mixtures of Local Experts", 1991, with the two-layer experts of KAR.
 *
 * The batch is the last axis: the first layer's product and its gradient, which are nearly all of the work, are then single matrix
 * products over the stacked weights, about 10 % faster on a CPU than one product per expert.
 *
 * Letters: `B` = batch size, `N` = experts.
 *
 * @param names - Prefix of each expert's parameters, named as in `mlp`
 * @param widths - `[in, hidden, out]`
 * @param vector - Shape `[B, in]`
 * @param weights - Shape `[N, B]`
 * @returns Shape `[out, B]`
 */
export function expertMixture<T>(
  { ops, parameters, shape, dropout }: ModelScope<T>,
  names: readonly string[],
  [inputWidth, hidden, outputWidth]: readonly [number, number, number],
  vector: T,
  { weights }: { readonly weights: T },
): T {
  const experts = names.length;
  const layer = (index: number, from: number, to: number, product: (weight: T) => T): T => {
    const module = names.map((name) => `${name}.fc.${index * mlpModulesPerLayer}`);
    const weight = parameters.stack(
      module.map((name) => `${name}.weight`),
      [to, from],
      "xavierNormal",
    );
    const bias = parameters.stack(
      module.map((name) => `${name}.bias`),
      [to],
      "zeros",
    );
    return dropout(ops.relu(ops.add(product(weight), ops.reshape(bias, [experts, to, 1]))));
  };
  const inner = layer(0, inputWidth, hidden, (weight) =>
    ops.matmul(weight, vector, { transposeB: true }),
  ); // [N, hidden, B]
  const outputs = layer(1, hidden, outputWidth, (weight) => ops.matmul(weight, inner)); // [N, out, B]
  const byExpert = ops.reshape(weights, [experts, 1, shape.batchSize]);
  return ops.sum(ops.mul(outputs, byExpert), [0]);
}
