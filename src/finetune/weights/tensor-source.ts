import type { Shape } from "../../autodiff/ops.ts";

/** The weights of a decoder on disk, by their Hugging Face names, such as `model.layers.0.self_attn.q_proj.weight`. */
export interface TensorSource {
  readonly shapeOf: (name: string) => Shape | undefined;
  /**
   * Reads one tensor as float32, row-major, whatever it is stored as.
   *
   * @throws FlowError `INPUT_INVALID` naming the file, for a tensor that is missing, cut off or of an unknown type
   */
  readonly read: (name: string) => Promise<Float32Array<ArrayBuffer>>;
  readonly close: () => Promise<void>;
}
