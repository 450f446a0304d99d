/** Settings of AdamW. */
export interface AdamOptions {
  /** Default 0.9. */
  readonly beta1?: number;
  /** Default 0.999. */
  readonly beta2?: number;
  /** Default 1e-8. */
  readonly epsilon?: number;
  /**
   * Whether epsilon is added to the bias-corrected √v, as the paper, PyTorch and TensorFlow.js do (default), or to √v before
   * its correction, as some older implementations do: in the first steps that shrinks updates of small gradients.
   */
  readonly epsilonPlacement?: "afterBiasCorrection" | "beforeBiasCorrection";
  /** Share of a parameter, times the learning rate, that each step takes away; default 0. */
  readonly weightDecay?: number;
}

/** What AdamW remembers; moments of all parameters, one after the other in the order of the tensors. */
export interface OptimizerState {
  /** Steps taken. */
  readonly steps: number;
  readonly firstMoments: Float32Array;
  readonly secondMoments: Float32Array;
}
