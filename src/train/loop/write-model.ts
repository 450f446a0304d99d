import { join } from "node:path";
import { replaceFile } from "../../base/files/durable-file.ts";
import { elements } from "../../base/element-count.ts";
import { encodeSafetensors, type NamedTensor } from "../../optim/safetensors.ts";
import type { ModelTensor } from "../engine/engine.ts";

/**
 * Writes `model.safetensors`: parameters and buffers under their PyTorch names and in PyTorch's shapes, ready for `load_state_dict`.
 *
 * @param folder - The trained model's folder
 * @param about - Further metadata for the file
 */
export async function writeModel(
  folder: string,
  tensors: readonly NamedTensor[],
  about: Readonly<Record<string, string>>,
): Promise<void> {
  const metadata = { format: "pt", ...about };
  await replaceFile(join(folder, "model.safetensors"), encodeSafetensors({ tensors, metadata }));
}

/** Cuts an engine's snapshot into its tensors, without a copy. */
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
