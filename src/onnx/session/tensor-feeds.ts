/** @file Turns arrays into feeds of ONNX Runtime. Each array is wrapped by one tensor, without a copy. */
import type { Tensor } from "onnxruntime-node";

import type { Shape } from "../../autodiff/ops.ts";
import { elements } from "../../base/element-count.ts";
import type { NamedTensors } from "./bound-session.ts";
import type { OnnxRuntime } from "./runtime.ts";

/** Arrays by the name of a model's input. */
export type InputArrays = Readonly<Record<string, Float32Array | Int32Array>>;

/** Name and sizes of an input. */
interface FeedSpec {
  readonly name: string;
  readonly shape: Shape;
  /** The name of the first size, where it follows from the array's length. */
  readonly length?: string;
}

/**
 * A function from arrays to feeds. Arrays without a shape in `specs` are ignored. The function reuses the object it returns.
 */
export function tensorFeeds(
  { Tensor }: OnnxRuntime,
  specs: readonly FeedSpec[],
): (arrays: InputArrays) => NamedTensors {
  const wrapped = new WeakMap<Float32Array | Int32Array, Tensor>();
  const feeds: Record<string, Tensor> = {};
  return (arrays) => {
    for (const spec of specs) {
      const { name } = spec;
      const values = arrays[name];
      if (values === undefined) continue;
      let tensor = wrapped.get(values);
      if (tensor === undefined) {
        const shape = fedShape(spec, values.length);
        tensor =
          values instanceof Float32Array ? new Tensor(values, shape) : new Tensor(values, shape);
        wrapped.set(values, tensor);
      }
      feeds[name] = tensor;
    }
    return feeds;
  };
}

/** The shape of an array of this many numbers that is fed to an input. */
export function fedShape({ shape, length }: Omit<FeedSpec, "name">, numbers: number): Shape {
  if (length === undefined) return shape;
  const row = shape.slice(1);
  return [numbers / elements(row), ...row];
}
