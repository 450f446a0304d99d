import { join } from "node:path";
import { replaceFile } from "../../base/durable-file.ts";
import { elements } from "../../base/element-count.ts";
import { encodeSafetensors, type NamedTensor } from "../../optim/safetensors.ts";
import type { ModelTensor } from "../engine/engine.ts";

/**
 * Writes `model.safetensors`: a model's parameters and buffers under their PyTorch names, in PyTorch's shapes, so that
 * `load_state_dict` takes them as they are.
 *
 * @param folder - Of the trained model
 * @param about - What the file says of itself besides
 */
export async function writeModel(
  folder: string,
  tensors: readonly NamedTensor[],
  about: Readonly<Record<string, string>>,
): Promise<void> {
  const metadata = { format: "pt", ...about };
  await replaceFile(join(folder, "model.safetensors"), encodeSafetensors({ tensors, metadata }));
}

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
