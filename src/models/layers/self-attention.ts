import type { ModelScope } from "../model.ts";
import { linear } from "./linear.ts";

/**
 * One interacting layer of AutoInt, with a single head: `relu(softmax(Q Kᵀ / √w) V + residual)`, no biases.
 * The residual is the input itself, or the input through `W_res` where the width changes.
 * Source: Song et al., "AutoInt: Automatic Feature Interaction Learning via Self-Attentive Neural Networks", 2019, section 4.3.
 *
 * Letters: `B` = batch size, `F` = fields, `w` = width of the attention.
 *
 * @param x - Shape `[B, F, in]`
 * @returns Shape `[B, F, w]`
 */
export function selfAttention<T>(
  scope: ModelScope<T>,
  name: string,
  x: T,
  { width, projectResidual }: { readonly width: number; readonly projectResidual: boolean },
): T {
  const { ops } = scope;
  const project = (matrix: string): T =>
    linear(scope, `${name}.${matrix}`, x, width, { bias: false }); // [B, F, w]
  const scores = ops.matmul(project("W_q"), project("W_k"), { transposeB: true }); // [B, F, F]
  const weights = ops.softmax(ops.mul(scores, 1 / Math.sqrt(width)));
  const attended = ops.matmul(weights, project("W_v")); // [B, F, w]
  return ops.relu(ops.add(attended, projectResidual ? project("W_res") : x));
}
