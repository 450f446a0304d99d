import type { ModelTensor } from "../engine/engine.ts";
import { elements } from "../../base/element-count.ts";
import type { NamedTensor } from "../../optim/safetensors.ts";

/** An engine's snapshot cut into its tensors; their numbers are views. */
export function namedTensors(
  tensors: readonly ModelTensor[],
  snapshot: Float32Array,
): readonly NamedTensor[] {
  let start = 0;
  return tensors.map(({ name, shape }) => {
    const values = snapshot.subarray(start, start + elements(shape));
    start += values.length;
    return { name, shape, values };
  });
}
