import type { EncodedTexts } from "../model/encoder.ts";

/** One vector per user or item, `N` in total: rows of `user_embeddings` or `item_embeddings`. */
export interface SubjectVectors {
  readonly ids: readonly number[];
  /** Row-major `[N, dimension]`. */
  readonly vectors: Float32Array;
  /** Total tokens of the subject's texts, `[N]`; null for vectors without texts. */
  readonly tokens: Int32Array | null;
  /** Total chunks of the subject's texts, `[N]`; null for vectors without texts. */
  readonly chunks: Int32Array | null;
  /** Tokens of the subject's texts that were cut off, `[N]`; null for vectors without texts. */
  readonly truncated: Int32Array | null;
  /** Number of averaged vectors, `[N]`. */
  readonly texts: Int32Array;
}

/**
 * The mean vector of each subject's texts; counts are summed. The mean is not scaled: that of unit vectors is shorter than 1 unless they
 * are equal. The vector of a single text is unchanged.
 * Reference: R4ec, reflection as a filter.
 *
 * @param ids - The subject of each encoded text; equal ids are adjacent
 */
export function meanBySubject(
  ids: readonly number[],
  { vectors, tokens, chunks, truncated }: EncodedTexts,
  dimension: number,
): SubjectVectors {
  const starts = ids.flatMap((id, text) => (id === ids[text - 1] ? [] : [text]));
  if (starts.length === ids.length) {
    return { ids, vectors, tokens, chunks, truncated, texts: new Int32Array(ids.length).fill(1) };
  }
  const means = {
    ids: starts.map((start) => ids[start] ?? 0),
    vectors: new Float32Array(starts.length * dimension),
    tokens: new Int32Array(starts.length),
    chunks: new Int32Array(starts.length),
    truncated: new Int32Array(starts.length),
    texts: new Int32Array(starts.length),
  };
  starts.forEach((start, subject) => {
    const end = starts[subject + 1] ?? ids.length;
    const own = vectors.subarray(start * dimension, end * dimension);
    means.vectors.set(meanRow(own, dimension), subject * dimension);
    means.tokens[subject] = sum(tokens.subarray(start, end));
    means.chunks[subject] = sum(chunks.subarray(start, end));
    means.truncated[subject] = sum(truncated.subarray(start, end));
    means.texts[subject] = end - start;
  });
  return means;
}

function meanRow(rows: Float32Array, dimension: number): ArrayLike<number> {
  if (rows.length === dimension) return rows;
  const totals = new Float64Array(dimension);
  rows.forEach((value, i) => {
    totals[i % dimension] = (totals[i % dimension] ?? 0) + value;
  });
  const count = rows.length / dimension;
  return totals.map((total) => total / count);
}

function sum(values: Int32Array): number {
  return values.reduce((total, value) => total + value, 0);
}
