import type { Pooling } from "../folder/pooling.ts";

interface TokenVectors {
  /** Tokens of each sequence without padding, `[B]`. */
  readonly lengths: readonly number[];
  /** Leading tokens of each sequence that are not pooled, `[B]`. */
  readonly skipped: readonly number[];
  /** `T`, padding included. */
  readonly width: number;
  /** `D`. */
  readonly dimension: number;
  /** The vectors of several are concatenated. */
  readonly poolings: readonly Pooling[];
}

/**
 * One vector per sequence, made of the vectors of its tokens.
 *
 * @param tokens - row-major `[B, T, D]`
 * @returns Row-major `[B, D]`, with `D` numbers per pooling
 */
export function poolTokens(
  tokens: Float32Array,
  { lengths, skipped, width, dimension, poolings }: TokenVectors,
): Float32Array {
  const pooled = new Float32Array(lengths.length * dimension * poolings.length);
  lengths.forEach((length, row) => {
    const own = tokens.subarray(row * width * dimension, (row * width + length) * dimension);
    poolings.forEach((pooling, place) => {
      const target = (row * poolings.length + place) * dimension;
      pools[pooling](own, skipped[row] ?? 0, pooled.subarray(target, target + dimension));
    });
  });
  return pooled;
}

/**
 * Writes the pooled vector of a sequence, `[D]`.
 *
 * @param tokens - row-major `[T, D]`, without padding
 * @param first - Token from which on they are pooled
 */
type Pool = (tokens: Float32Array, first: number, target: Float32Array) => void;

const pools: Readonly<Record<Pooling, Pool>> = {
  cls: (tokens, first, target) => {
    const size = target.length;
    target.set(tokens.subarray(first * size, (first + 1) * size));
  },
  lasttoken: (tokens, _first, target) => {
    target.set(tokens.subarray(tokens.length - target.length));
  },
  max: (tokens, first, target) => {
    target.fill(Number.NEGATIVE_INFINITY);
    for (let at = first * target.length; at < tokens.length; at++) {
      const place = at % target.length;
      const value = tokens[at] ?? 0;
      // A number that is none stays: the vector is then refused as not finite.
      if (!(value <= (target[place] ?? 0))) target[place] = value;
    }
  },
  mean: weighted(
    () => 1,
    (count) => count,
  ),
  mean_sqrt_len_tokens: weighted(() => 1, Math.sqrt),
  weightedmean: weighted(
    (token) => token + 1,
    (total) => total,
  ),
};

function weighted(
  weightOf: (token: number) => number,
  divisorOf: (totalWeight: number) => number,
): Pool {
  return (tokens, first, target) => {
    const size = target.length;
    const sum = new Float64Array(size);
    let total = 0;
    for (let token = first; token * size < tokens.length; token++) {
      const weight = weightOf(token);
      total += weight;
      for (let i = 0; i < size; i++) {
        sum[i] = (sum[i] ?? 0) + weight * (tokens[token * size + i] ?? 0);
      }
    }
    const divisor = divisorOf(total);
    for (let i = 0; i < size; i++) target[i] = (sum[i] ?? 0) / divisor;
  };
}
