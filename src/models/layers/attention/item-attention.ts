import { FlowError } from "../../../base/errors.ts";
import type { ModelScope } from "../../model.ts";

/** Added to the scores of rows that pad a batch, for a softmax weight of 0. */
const excluded = -1e9;

/** Options of {@link itemAttention}. */
export interface ItemAttentionOptions {
  /** Must divide the width. */
  readonly heads: number;
  /**
   * "sample": a row's item is a sequence of one token, so that attention reduces to `W_o (W_v x + b_v) + b_o`.
   * "batch": as in the paper's public code, which passes PyTorch's MultiheadAttention a matrix. PyTorch reads it as one sequence of B
   * items that attend to each other, so that a row's result depends on the other rows.
   */
  readonly over: "sample" | "batch";
}

/**
 * Multi-head attention on the target item, as in the paper's public GRU4Rec. Both forms have all weights of PyTorch's
 * MultiheadAttention.
 * Source: Vaswani et al., "Attention Is All You Need", 2017, section 3.2.2.
 *
 * Letters: `B` = batch size, `I` = width of an item, `h` = heads.
 *
 * @param name - Prefix of `name.in_proj_weight` `[3 I, I]` (query, key, value), `name.in_proj_bias`, `name.out_proj.weight`, `….bias`
 * @param x - Shape `[B, I]`
 * @param rowWeights - Shape `[B]`: 0 for rows that pad a short batch
 * @returns Shape `[B, I]`
 * @throws FlowError `CONFIG_INVALID` if the heads do not divide the width, in the form "batch"
 */
export function itemAttention<T>(
  { ops, parameters, shape }: ModelScope<T>,
  name: string,
  x: T,
  rowWeights: T,
  { heads, over }: ItemAttentionOptions,
): T {
  const width = ops.shapeOf(x).at(-1) ?? 0;
  const stacked = parameters.get(`${name}.in_proj_weight`, [3 * width, width], "xavierNormal");
  const biases = parameters.get(`${name}.in_proj_bias`, [3 * width], "zeros");
  const outWeight = parameters.get(`${name}.out_proj.weight`, [width, width], "xavierNormal");
  const outBias = parameters.get(`${name}.out_proj.bias`, [width], "zeros");
  const project = (part: number): T =>
    ops.linear(
      x,
      ops.slice(stacked, 0, part * width, width),
      ops.slice(biases, 0, part * width, width),
    ); // [B, I]
  if (over === "sample") return ops.linear(project(2), outWeight, outBias);

  const headWidth = width / heads;
  if (!Number.isInteger(headWidth)) {
    throw new FlowError(
      "CONFIG_INVALID",
      `Attention of ${heads} heads needs an item width divisible by ${heads}, got ${width}: ` +
        "(1 + attributes) x embeddingDim. Choose another train.embeddingDim.",
    );
  }
  const split = (part: number): T =>
    ops.transpose(ops.reshape(project(part), [shape.batchSize, heads, headWidth]), [1, 0, 2]); // [h, B, I / h]
  const scores = ops.mul(ops.matmul(split(0), split(1), { transposeB: true }), headWidth ** -0.5); // [h, B, B]
  const isFilling = ops.relu(ops.add(ops.mul(rowWeights, excluded), 1)); // 1 where the weight is 0, else 0
  const weights = ops.softmax(ops.add(scores, ops.mul(isFilling, excluded)));
  const attended = ops.transpose(ops.matmul(weights, split(2)), [1, 0, 2]); // [B, h, I / h]
  return ops.linear(ops.reshape(attended, [shape.batchSize, -1]), outWeight, outBias);
}
