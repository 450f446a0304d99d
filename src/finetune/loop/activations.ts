import type { Tensor } from "onnxruntime-node";

import { elements } from "../../base/element-count.ts";
import type { OnnxRuntime } from "../../onnx/session/runtime.ts";
import type { KeptTensor } from "../decoder/layer-graphs.ts";

/** Memory for the longest row, as tensors of any shorter one. */
interface Buffer {
  readonly tensor: (tokens: number) => Tensor;
}

/** What the passes of a decoder over one row leave in memory. */
export interface Activations {
  /** States before layer `layer`, `[S, H]`; after the last layer at `layers`. */
  readonly states: (layer: number, tokens: number) => Tensor;
  /** The kept tensors of a layer, by name. */
  readonly kept: (layer: number, tokens: number) => Readonly<Record<string, Tensor>>;
  /** Gradients of states, two that take turns; `[S, H]` */
  readonly gradient: (turn: number, tokens: number) => Tensor;
}

export interface ActivationOptions {
  readonly layers: number;
  readonly hidden: number;
  readonly kept: readonly KeptTensor[];
  /** Tokens of the longest row. */
  readonly tokens: number;
}

/** Allocates the activations of a decoder. */
export function createActivations(
  { Tensor }: OnnxRuntime,
  { layers, hidden, kept, tokens: longest }: ActivationOptions,
): Activations {
  const buffer = (shape: KeptTensor["shape"]): Buffer => {
    const memory = new Float32Array(elements(sized(shape, longest)));
    return {
      tensor: (tokens) => {
        const sizes = sized(shape, tokens);
        return new Tensor("float32", memory.subarray(0, elements(sizes)), sizes);
      },
    };
  };
  const stateShape = [null, hidden];
  const states = Array.from({ length: layers + 1 }, () => buffer(stateShape));
  const gradients = [buffer(stateShape), buffer(stateShape)];
  const keptBuffers = Array.from({ length: layers }, () =>
    kept.map(({ name, shape }) => ({ name, ...buffer(shape) })),
  );
  const at = (buffers: readonly Buffer[], index: number, tokens: number): Tensor => {
    const found = buffers[index];
    if (found === undefined) throw new Error(`internal: no activations at ${index}`);
    return found.tensor(tokens);
  };
  return {
    states: (layer, tokens) => at(states, layer, tokens),
    gradient: (turn, tokens) => at(gradients, turn % 2, tokens),
    kept: (layer, tokens) =>
      Object.fromEntries(
        (keptBuffers[layer] ?? []).map(({ name, tensor }) => [name, tensor(tokens)]),
      ),
  };
}

/** A shape with its free size filled in. */
function sized(shape: KeptTensor["shape"], tokens: number): readonly number[] {
  return shape.map((size) => size ?? tokens);
}
