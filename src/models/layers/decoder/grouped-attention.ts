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
 * Scaled dot-product attention in which the `n` query heads of each of `g` groups share keys and values.
 * Source: Ainslie et al., "GQA: Training Generalized Multi-Query Transformer Models from Multi-Head Checkpoints", 2023.
 *
 * Letters: `S` = tokens, `d` = width of a head.
 *
 * @returns Shape `[g, n, S, d]`
 */
export function groupedAttention<T>(
  ops: Ops<T>,
  { queries, keys, values, mask }: GroupedAttention<T>,
): T {
  const width = ops.shapeOf(queries)[3] ?? 1;
  const scaled = ops.mul(queries, 1 / Math.sqrt(width));
  const scores = ops.add(ops.matmul(scaled, keys, { transposeB: true }), mask); // [g, n, S, S]
  return ops.matmul(ops.softmax(scores), values);
}
