/** @file Cross layers of DCN. Letters: `B` = batch size, `D` = width of the features. */
import type { Scope } from "../../../autodiff/scope.ts";

/**
 * Cross layers of DCN: `x_{l+1} = x_0 (x_l · w_l) + b_l + x_l`.
 * Source: Wang et al., "Deep & Cross Network for Ad Click Predictions", 2017, equation 3.
 *
 * The paper's public code overwrites `x_l` before adding it and so computes `2 x_0 (x_l · w_l) + b_l`, without a residual.
 * `residual: "lost"` reproduces that for comparison.
 *
 * @param x0 - Shape `[B, D]`
 * @returns Shape `[B, D]`
 */
export function crossLayers<T>(
  scope: Scope<T>,
  name: string,
  x0: T,
  { layers, residual }: { readonly layers: number; readonly residual: "kept" | "lost" },
): T {
  const { ops } = scope;
  let x = x0;
  for (let layer = 0; layer < layers; layer++) {
    const { kernel, bias, width } = crossParameters(scope, name, layer, x0, "vector");
    const crossed = ops.mul(x0, ops.matmul(x, kernel)); // [B, D] * [B, 1]
    const shifted = (y: T): T => ops.add(y, ops.reshape(bias, [1, width]));
    x = residual === "kept" ? ops.add(shifted(crossed), x) : shifted(ops.mul(crossed, 2));
  }
  return x;
}

/**
 * Cross layers of DCN v2: `x_{l+1} = x_0 ∘ (W_l x_l + b_l) + x_l`.
 * Source: Wang et al., "DCN V2: Improved Deep & Cross Network", 2021, equation 1.
 *
 * @param x0 - Shape `[B, D]`
 * @returns Shape `[B, D]`
 */
export function matrixCrossLayers<T>(
  scope: Scope<T>,
  name: string,
  x0: T,
  { layers }: { readonly layers: number },
): T {
  const { ops } = scope;
  let x = x0;
  for (let layer = 0; layer < layers; layer++) {
    const { kernel, bias, width } = crossParameters(scope, name, layer, x0, "matrix");
    const projected = ops.linear(x, kernel, ops.reshape(bias, [width])); // [B, D]
    x = ops.add(ops.mul(x0, projected), x);
  }
  return x;
}

/** Kernel `[D, 1]` or `[D, D]` and bias `[D, 1]` of a layer. */
function crossParameters<T>(
  { ops, parameters }: Scope<T>,
  name: string,
  layer: number,
  x0: T,
  kind: "vector" | "matrix",
) {
  const width = ops.shapeOf(x0).at(-1) ?? 0;
  const columns = kind === "vector" ? 1 : width;
  return {
    width,
    kernel: parameters.get(`${name}.kernels.${layer}`, [width, columns], "xavierNormal"),
    bias: parameters.get(`${name}.bias.${layer}`, [width, 1], "zeros"),
  };
}
