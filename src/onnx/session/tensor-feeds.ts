/** @file Turns arrays into feeds of ONNX Runtime. Each array is wrapped by one tensor, without a copy. */
import type { Tensor } from "onnxruntime-node";

import type { Shape } from "../../autodiff/ops.ts";
import type { NamedTensors } from "./bound-session.ts";
import type { OnnxRuntime } from "./runtime.ts";

/** Arrays by the name of a model's input. */
export type InputArrays = Readonly<Record<string, Float32Array | Int32Array>>;

/**
 * A function from arrays to feeds. Arrays without a shape in `specs` are ignored. The function reuses the object it returns.
 */
export function tensorFeeds(
  { Tensor }: OnnxRuntime,
  specs: readonly { readonly name: string; readonly shape: Shape }[],
): (arrays: InputArrays) => NamedTensors {
  const wrapped = new WeakMap<Float32Array | Int32Array, Tensor>();
  const feeds: Record<string, Tensor> = {};
  return (arrays) => {
    for (const { name, shape } of specs) {
      const values = arrays[name];
      if (values === undefined) continue;
      let tensor = wrapped.get(values);
      if (tensor === undefined) {
        tensor =
          values instanceof Float32Array ? new Tensor(values, shape) : new Tensor(values, shape);
        wrapped.set(values, tensor);
      }
      feeds[name] = tensor;
    }
    return feeds;
  };
}
