import type { AdamScalars } from "./adam-scalars.ts";

/** One update of all parameters of an arena, in float32; see {@link AdamScalars}. */
export type AdamKernel = (scalars: AdamScalars) => void;

/** The scalars in float32. `1 - beta` is rounded once, from the exact difference. */
export function roundScalars({ beta1, beta2, stepSize, epsilon, decay }: AdamScalars) {
  return {
    beta1: Math.fround(beta1),
    oneMinusBeta1: Math.fround(1 - beta1),
    beta2: Math.fround(beta2),
    oneMinusBeta2: Math.fround(1 - beta2),
    stepSize: Math.fround(stepSize),
    epsilon: Math.fround(epsilon),
    decay: Math.fround(decay),
  };
}
