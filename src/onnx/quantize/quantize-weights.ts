/** @file Symmetric 8-bit quantisation of weights: value = integer · scale. */

/** Integers in the order of the weights, and one scale per column or row. */
export interface QuantizedWeights {
  readonly values: Int8Array;
  readonly scales: Float32Array;
}

/**
 * Quantises a matrix to 8 bits with one scale per column: the largest value of a column becomes 127 or -127. A column of zeros has
 * scale 1.
 *
 * @param weights - Row-major `[rows, columns]`
 */
export function quantizeColumns(weights: Float32Array, columns: number): QuantizedWeights {
  const largest = new Float32Array(columns);
  for (let at = 0; at < weights.length; at += columns) {
    for (let column = 0; column < columns; column++) {
      const size = Math.abs(weights[at + column] ?? 0);
      if (size > (largest[column] ?? 0)) largest[column] = size;
    }
  }
  const scales = largest.map(scaleOf);
  const values = new Int8Array(weights.length);
  for (let at = 0; at < weights.length; at += columns) {
    for (let column = 0; column < columns; column++) {
      values[at + column] = Math.round((weights[at + column] ?? 0) / (scales[column] ?? 1));
    }
  }
  return { values, scales };
}

/**
 * Quantises a matrix to 8 bits with one scale per row.
 *
 * @param weights - Row-major `[rows, columns]`
 */
export function quantizeRows(weights: Float32Array, columns: number): QuantizedWeights {
  const scales = new Float32Array(weights.length / columns);
  const values = new Int8Array(weights.length);
  for (let row = 0; row < scales.length; row++) {
    const from = row * columns;
    let largest = 0;
    for (let i = from; i < from + columns; i++) {
      largest = Math.max(largest, Math.abs(weights[i] ?? 0));
    }
    const scale = Math.fround(scaleOf(largest));
    scales[row] = scale;
    for (let i = from; i < from + columns; i++) values[i] = Math.round((weights[i] ?? 0) / scale);
  }
  return { values, scales };
}

const scaleOf = (largest: number): number => (largest > 0 ? largest / 127 : 1);
