/**
 * @file The two orders of the rows of query and key projections. Hugging Face rotates number `i` of a head together with number
 * `i + width / 2`, llama.cpp's graph of `llama` models number `2 i` with `2 i + 1`; its converter therefore interleaves the halves of
 * every head. Models of other architectures keep their order. Source: `permute` of llama.cpp's convert_hf_to_gguf.py.
 */
import type { DecoderConfig } from "../decoder/decoder-config.ts";

/**
 * The number of heads within which a GGUF file interleaves the rows of a linear layer.
 *
 * @param linear - Such as `self_attn.q_proj`
 * @returns undefined where it keeps the order
 */
export function interleavedHeads(
  linear: string,
  { architecture, heads, keyHeads }: Pick<DecoderConfig, "architecture" | "heads" | "keyHeads">,
): number | undefined {
  if (architecture !== "llama") return undefined;
  if (linear === "self_attn.q_proj") return heads;
  return linear === "self_attn.k_proj" ? keyHeads : undefined;
}

/** From the order of Hugging Face to that of GGUF files of `llama` models: rows of weights, or of B of an adapter. */
export function interleaveHalves(
  values: Float32Array,
  rows: number,
  heads: number,
): Float32Array<ArrayBuffer> {
  return moveRows(values, rows, heads, (halfWidth, row) => {
    const place = row % (2 * halfWidth);
    return row - place + 2 * (place % halfWidth) + Math.floor(place / halfWidth);
  });
}

/** From the order of GGUF files of `llama` models to that of Hugging Face: undoes {@link interleaveHalves}. */
export function separateHalves(
  values: Float32Array,
  rows: number,
  heads: number,
): Float32Array<ArrayBuffer> {
  return moveRows(values, rows, heads, (halfWidth, row) => {
    const place = row % (2 * halfWidth);
    return row - place + Math.floor(place / 2) + (place % 2) * halfWidth;
  });
}

/** @param target - The new place of a row */
function moveRows(
  values: Float32Array,
  rows: number,
  heads: number,
  target: (halfWidth: number, row: number) => number,
): Float32Array<ArrayBuffer> {
  const halfWidth = rows / heads / 2;
  const columns = values.length / rows;
  if (!Number.isInteger(halfWidth) || !Number.isInteger(columns)) {
    throw new RangeError(`${values.length} numbers in ${rows} rows of ${heads} heads`);
  }
  const moved = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    const from = row * columns;
    moved.set(values.subarray(from, from + columns), target(halfWidth, row) * columns);
  }
  return moved;
}
