/**
 * @file Rotary position embedding: rotates pairs of a head's numbers by an angle proportional to the token's position.
 * Source: Su et al., "RoFormer: Enhanced Transformer with Rotary Position Embedding", 2021, with number i paired with number
 * i + d/2, as in Llama and Qwen.
 *
 * Letters: `B` = batch size, `n` = heads, `S` = tokens of a row, `P` = positions, `d` = width of a head.
 */
import type { Ops } from "../../../autodiff/ops.ts";

/** Cosines, and sines with a negated first half: `[P, d]` for all positions, or `[B, 1, S, d]` for a batch's tokens. */
export interface RotaryTables<T> {
  readonly cosines: T;
  readonly sines: T;
}

/**
 * The tables for positions 0 to P - 1, row-major `[P, d]`.
 *
 * @param base - `rope_theta` of the model's configuration
 */
export function rotaryTables(
  positions: number,
  width: number,
  base: number,
): RotaryTables<Float32Array> {
  const half = width / 2;
  const cosines = new Float32Array(positions * width);
  const sines = new Float32Array(positions * width);
  for (let position = 0; position < positions; position++) {
    for (let pair = 0; pair < half; pair++) {
      const angle = position * base ** (-pair / half);
      const at = position * width + pair;
      cosines[at] = cosines[at + half] = Math.cos(angle);
      sines[at + half] = Math.sin(angle);
      sines[at] = -Math.sin(angle);
    }
  }
  return { cosines, sines };
}

/**
 * Looks up the tables for a batch's tokens; queries and keys share the result.
 *
 * @param positions - int32 `[B, S]`; restart at 0 for each text packed into a row
 */
export function rotaryRows<T>(
  ops: Ops<T>,
  { cosines, sines }: RotaryTables<T>,
  positions: T,
): RotaryTables<T> {
  const [batchSize = 0, tokens = 0] = ops.shapeOf(positions);
  const rows = (table: T): T =>
    ops.reshape(ops.gather(table, positions), [batchSize, 1, tokens, -1]);
  return { cosines: rows(cosines), sines: rows(sines) };
}

/**
 * Rotates queries or keys.
 *
 * @param x - Shape `[B, n, S, d]`
 * @param rows - Result of {@link rotaryRows}
 * @returns Shape `[B, n, S, d]`
 */
export function rotary<T>(ops: Ops<T>, x: T, { cosines, sines }: RotaryTables<T>): T {
  const [first, second] = ops.split(x, 3, 2);
  if (first === undefined || second === undefined)
    throw new Error("internal: a split without parts");
  const swapped = ops.concat([second, first], 3);
  return ops.add(ops.mul(x, cosines), ops.mul(swapped, sines));
}
