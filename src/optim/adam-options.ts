/** Settings of AdamW. */
export interface AdamOptions {
  /** Default 0.9. */
  readonly beta1?: number;
  /** Default 0.999. */
  readonly beta2?: number;
  /** Default 1e-8. */
  readonly epsilon?: number;
  /**
   * Whether epsilon is added to the bias-corrected √v, as in the paper, PyTorch and TensorFlow.js (default), or to the uncorrected √v,
   * as in some older implementations, which shrinks the first updates of small gradients.
   */
  readonly epsilonPlacement?: "afterBiasCorrection" | "beforeBiasCorrection";
  /** Each step multiplies parameters by `1 - learning rate · weightDecay`; default 0. */
  readonly weightDecay?: number;
}

/** AdamW's state; the moments of all tensors one after the other, in tensor order. */
export interface OptimizerState {
  /** Steps taken. */
  readonly steps: number;
  readonly firstMoments: Float32Array;
  readonly secondMoments: Float32Array;
}
