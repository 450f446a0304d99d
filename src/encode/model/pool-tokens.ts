interface TokenVectors {
  /** Tokens of each sequence without padding, `[B]`. */
  readonly lengths: readonly number[];
  /** `T`, padding included. */
  readonly width: number;
  /** `D`. */
  readonly dimension: number;
  /** cls: the first token's vector; mean: of all tokens that are no padding. */
  readonly pooling: "cls" | "mean";
}

/**
 * One vector a sequence of the vectors of its tokens.
 *
 * @param tokens - row-major `[B, T, D]`
 * @returns Row-major `[B, D]`
 */
export function poolTokens(
  tokens: Float32Array,
  { lengths, width, dimension, pooling }: TokenVectors,
): Float32Array {
  const pooled = new Float32Array(lengths.length * dimension);
  const sum = new Float64Array(dimension);
  lengths.forEach((length, row) => {
    const start = row * width * dimension;
    if (pooling === "cls") {
      pooled.set(tokens.subarray(start, start + dimension), row * dimension);
      return;
    }
    sum.fill(0);
    for (let token = 0; token < length; token++) {
      const from = start + token * dimension;
      for (let i = 0; i < dimension; i++) sum[i] = (sum[i] ?? 0) + (tokens[from + i] ?? 0);
    }
    for (let i = 0; i < dimension; i++) pooled[row * dimension + i] = (sum[i] ?? 0) / length;
  });
  return pooled;
}
