/** @file Gradient accumulation and clipping: optional steps between the backward pass and the update. */
import type { Arena } from "./arena.ts";

/** The sum of the gradients of several micro-batches, for one update. */
export interface GradientSum {
  /** Adds the arena's gradients; call it after each micro-batch. */
  readonly add: () => void;
  /**
   * Sets the arena's gradients to the sum times `scale`, and resets the sum.
   *
   * @param scale - For example 1 / number of micro-batches; default 1
   */
  readonly finish: (scale?: number) => void;
}

/** An empty sum. Takes as much memory as the gradients. */
export function createGradientSum({ gradients: { values } }: Arena): GradientSum {
  const sums = new Float32Array(values.length);
  return {
    add: () => {
      for (let index = 0; index < sums.length; index++) {
        sums[index] = (sums[index] ?? 0) + (values[index] ?? 0);
      }
    },
    finish: (scale = 1) => {
      for (let index = 0; index < sums.length; index++) {
        values[index] = (sums[index] ?? 0) * scale;
      }
      sums.fill(0);
    },
  };
}

/** Avoids division by zero; PyTorch's value. */
const tiny = 1e-6;

/**
 * Scales an arena's gradients so that their global Euclidean norm is at most `maxNorm`, as PyTorch's `clip_grad_norm_`. Gradients within
 * the limit are not touched.
 *
 * @returns The norm before clipping. If it is not finite, the gradients are not touched either
 * @throws RangeError unless `maxNorm` is a positive number
 */
export function clipGradients({ gradients: { values } }: Arena, maxNorm: number): number {
  if (!(maxNorm > 0)) throw new RangeError(`Expected \`maxNorm\` to be positive, got ${maxNorm}`);
  let squares = 0;
  for (const value of values) squares += value * value;
  const norm = Math.sqrt(squares);
  const scale = maxNorm / (norm + tiny);
  if (scale < 1 && Number.isFinite(norm)) {
    for (let index = 0; index < values.length; index++) {
      values[index] = (values[index] ?? 0) * scale;
    }
  }
  return norm;
}
