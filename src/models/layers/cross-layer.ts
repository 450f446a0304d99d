import type { ModelScope } from "../model.ts";

/**
 * Cross layers of DCN: `x_{l+1} = x_0 (x_l · w_l) + b_l + x_l`.
 * Source: Wang et al., "Deep & Cross Network for Ad Click Predictions", 2017, equation 3.
 *
 * The paper's public code overwrites `x_l` before it adds it, and so computes `2 x_0 (x_l · w_l) + b_l`: no residual.
 * `residual: "lost"` does the same, for comparison with it.
 *
 * Letters: `B` = batch size, `D` = width of the features.
 *
 * @param x0 - Shape `[B, D]`
 * @returns Shape `[B, D]`
 */
export function crossLayers<T>(
  { ops, parameters }: ModelScope<T>,
  name: string,
  x0: T,
  { layers, residual }: { readonly layers: number; readonly residual: "kept" | "lost" },
): T {
  const width = ops.shapeOf(x0).at(-1) ?? 0;
  let x = x0;
  for (let layer = 0; layer < layers; layer++) {
    const kernel = parameters.get(`${name}.kernels.${layer}`, [width, 1], "xavierNormal");
    const bias = parameters.get(`${name}.bias.${layer}`, [width, 1], "zeros");
    const crossed = ops.mul(x0, ops.matmul(x, kernel)); // [B, D] * [B, 1]
    const shifted = (y: T): T => ops.add(y, ops.reshape(bias, [1, width]));
    x = residual === "kept" ? ops.add(shifted(crossed), x) : shifted(ops.mul(crossed, 2));
  }
  return x;
}
