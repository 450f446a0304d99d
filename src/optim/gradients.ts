/** @file What may be done to an arena's gradients between the backward pass and the update. */
import type { Arena } from "./arena.ts";

/** A sum of the gradients of several small batches, which together make one update. */
export interface GradientSum {
  /** Adds the arena's gradients, once per small batch. */
  readonly add: () => void;
  /**
   * Replaces the arena's gradients by the sum times `scale`, and starts again from zero.
   *
   * @param scale - Such as 1 / number of batches; default 1
   */
  readonly finish: (scale?: number) => void;
}

/** An empty sum, which takes as much memory as the gradients themselves. */
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

/** Keeps the quotient finite where all gradients are zero; PyTorch's. */
const tiny = 1e-6;

/**
 * Scales an arena's gradients down to a Euclidean norm of `maxNorm` over all of them, as PyTorch's `clip_grad_norm_`. Smaller gradients
 * stay as they are, bit for bit.
 *
 * @returns The norm before; not finite if a gradient is not, and then the gradients stay as they are too
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
