import type { Ops } from "../../../autodiff/ops.ts";

/** Queries and what they look at. */
export interface GroupedAttention<T> {
  /** `[g, n, S, d]` */
  readonly queries: T;
  /** `[g, 1, S, d]` */
  readonly keys: T;
  /** `[g, 1, S, d]` */
  readonly values: T;
  /** Added to the scores, `[S, S]`: 0 where the token of a row may look at that of a column, else a large negative number. */
  readonly mask: T;
}

/**
 * Scaled dot-product attention in which the `n` query heads of each of `g` groups share keys and values: `y = p v` with
 * `p = softmax(s)` and `s = q kᵀ / √d + mask`.
 * Source: Ainslie et al., "GQA: Training Generalized Multi-Query Transformer Models from Multi-Head Checkpoints", 2023.
 *
 * Backward: `ds = p ∘ (dy vᵀ − Σ dy ∘ y)`, since a row's `Σ dp ∘ p` is its `Σ dy ∘ y`, which is far narrower (Dao et al.,
 * "FlashAttention", 2022).
 *
 * Letters: `S` = tokens, `d` = width of a head.
 *
 * @returns Shape `[g, n, S, d]`
 */
export function groupedAttention<T>(
  ops: Ops<T>,
  { queries, keys, values, mask }: GroupedAttention<T>,
): T {
  const scale = 1 / Math.sqrt(ops.shapeOf(queries)[3] ?? 1);
  const scaled = ops.mul(queries, scale);
  const scores = ops.add(ops.matmul(scaled, keys, { transposeB: true }), mask); // [g, n, S, S]
  const shares = ops.softmax(scores);
  const y = ops.matmul(shares, values);
  const overHeads = (x: T): T => ops.sum(x, [1], true);
  return ops.withGradients(y, [queries, keys, values], (dy) => {
    const common = ops.sum(ops.mul(dy, y), [3], true); // [g, n, S, 1]
    const spread = ops.matmul(dy, values, { transposeB: true });
    const dScores = ops.mul(shares, ops.sub(spread, common));
    return [
      ops.mul(ops.matmul(dScores, keys), scale),
      overHeads(ops.matmul(dScores, scaled, { transposeA: true })),
      overHeads(ops.matmul(shares, dy, { transposeA: true })),
    ];
  });
}
