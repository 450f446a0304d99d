/**
 * @file How llama.cpp orders the rows of query and key projections. Hugging Face rotates the first half of a head against its second
 * half; llama.cpp's architecture `llama` rotates neighbours, so its files hold the rows of each head in the order 0, n/2, 1, n/2 + 1, ….
 * Its architectures `qwen2` and `qwen3` keep the order of Hugging Face. Source: `permute` of llama.cpp's convert_hf_to_gguf.py.
 */
import type { DecoderConfig, LinearName } from "../decoder/decoder-config.ts";

/**
 * The number of heads within which a GGUF file interleaves the rows of a linear layer.
 *
 * @returns undefined where it keeps the order
 */
export function interleavedHeads(
  linear: LinearName,
  { architecture, heads, keyHeads }: Pick<DecoderConfig, "architecture" | "heads" | "keyHeads">,
): number | undefined {
  if (architecture !== "llama") return undefined;
  if (linear === "self_attn.q_proj") return heads;
  return linear === "self_attn.k_proj" ? keyHeads : undefined;
}

/**
 * From the order of Hugging Face to that of llama.cpp.
 *
 * @param values - `[rows, columns]`, row-major: weights, or B of an adapter
 */
export function interleaveHalves(
  values: Float32Array,
  rows: number,
  heads: number,
): Float32Array<ArrayBuffer> {
  const width = rows / heads;
  const columns = values.length / rows;
  if (!Number.isInteger(width / 2) || !Number.isInteger(columns)) {
    throw new RangeError(`${values.length} numbers in ${rows} rows of ${heads} heads`);
  }
  const result = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    const place = row % width;
    const isSecond = place >= width / 2;
    const target = row - place + 2 * (place % (width / 2)) + (isSecond ? 1 : 0);
    result.set(values.subarray(row * columns, (row + 1) * columns), target * columns);
  }
  return result;
}
