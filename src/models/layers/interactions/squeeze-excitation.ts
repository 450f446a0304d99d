import type { ModelScope } from "../../model.ts";
import { linear } from "../dense/linear.ts";

/** Hidden units of the excitation per field, as in the paper's public code; the layer's own paper reduces the width instead. */
const hiddenPerField = 2;

/**
 * SENET of FiBiNet: weights each field by a function of all fields' means, `f_i · relu(W2 relu(W1 mean(f)))_i`, without biases.
 * Source: Huang et al., "FiBiNET: Combining Feature Importance and Bilinear Feature Interaction for Click-Through Rate
 * Prediction", 2019, section 3.3.
 *
 * Letters: `B` = batch size, `F` = fields, `d` = width of a field.
 *
 * @param fields - Shape `[B, F, d]`
 * @returns Shape `[B, F, d]`
 */
export function squeezeExcitation<T>(scope: ModelScope<T>, name: string, fields: T): T {
  const { ops, shape } = scope;
  const [, fieldCount = 0] = ops.shapeOf(fields);
  const excite = (x: T, module: number, width: number): T =>
    ops.relu(linear(scope, `${name}.excitation.${module}`, x, width, { bias: false }));
  const means = ops.mean(fields, [2]); // [B, F]
  const weights = excite(excite(means, 0, hiddenPerField * fieldCount), 2, fieldCount); // [B, F]
  return ops.mul(fields, ops.reshape(weights, [shape.batchSize, fieldCount, 1]));
}
