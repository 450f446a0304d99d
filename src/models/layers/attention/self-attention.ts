import type { Scope } from "../../../autodiff/scope.ts";

/**
 * One interacting layer of AutoInt, with a single head: `relu(softmax(Q Kᵀ / √w) V + residual)`, no biases.
 * The residual is the input itself, or the input through `W_res` where the width changes.
 * Source: Song et al., "AutoInt: Automatic Feature Interaction Learning via Self-Attentive Neural Networks", 2019, section 4.3.
 *
 * Computed as `Q Kᵀ = x (W_qᵀ W_k) xᵀ` and `softmax(…) V = (softmax(…) x) W_vᵀ`: the rows are multiplied once, by the product of two
 * small matrices, and in the first layer attention runs over x, which is narrower than V.
 *
 * Letters: `B` = batch size, `F` = fields, `w` = width of the attention.
 *
 * @param x - Shape `[B, F, in]`
 * @returns Shape `[B, F, w]`
 */
export function selfAttention<T>(
  { ops, parameters }: Scope<T>,
  name: string,
  x: T,
  { width, projectResidual }: { readonly width: number; readonly projectResidual: boolean },
): T {
  const inputWidth = ops.shapeOf(x).at(-1) ?? 0;
  const weight = (matrix: string): T =>
    parameters.get(`${name}.${matrix}.weight`, [width, inputWidth], "xavierNormal");
  const query = weight("W_q");
  const pairing = ops.matmul(weight("W_k"), query, { transposeA: true }); // (W_qᵀ W_k)ᵀ, [in, in]
  const scores = ops.matmul(ops.linear(x, pairing), x, { transposeB: true }); // [B, F, F]
  const weights = ops.softmax(ops.mul(scores, 1 / Math.sqrt(width)));
  const attended = ops.linear(ops.matmul(weights, x), weight("W_v")); // [B, F, w]
  return ops.relu(ops.add(attended, projectResidual ? ops.linear(x, weight("W_res")) : x));
}
