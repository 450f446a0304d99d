import type { Ops } from "../../../autodiff/ops.ts";

/**
 * Root mean square normalisation over the last axis: `w ∘ x r` with `r = 1 / √(mean(x²) + ε)`.
 * Source: Zhang and Sennrich, "Root Mean Square Layer Normalization", 2019.
 *
 * Backward, with `g = dy ∘ w`: `dx = r g − x r³ mean(g ∘ x)` and `dw = Σ_rows dy ∘ x r`.
 *
 * @param x - Shape `[N, H]`
 * @param weight - Shape `[H]`
 * @param epsilon - ε, 1e-6 in most models
 * @returns Shape `[N, H]`
 */
export function rmsNorm<T>(ops: Ops<T>, x: T, weight: T, epsilon: number): T {
  const scale = ops.reciprocal(ops.sqrt(ops.add(ops.mean(ops.mul(x, x), [1], true), epsilon))); // [N, 1]
  const normal = ops.mul(x, scale);
  return ops.withGradients(ops.mul(normal, weight), [x, weight], (dy) => {
    const weighted = ops.mul(dy, weight);
    const cubed = ops.mul(scale, ops.mul(scale, scale));
    const share = ops.mul(ops.mean(ops.mul(weighted, x), [1], true), cubed); // [N, 1]
    return [
      ops.sub(ops.mul(weighted, scale), ops.mul(x, share)),
      ops.sum(ops.mul(dy, normal), [0]),
    ];
  });
}
