import { join } from "node:path";
import { replaceFile } from "../flow/manifest.ts";
import type { Engine } from "./engine.ts";
import { namedTensors } from "./named-tensors.ts";
import { encodeSafetensors } from "./safetensors.ts";

/**
 * Writes `model.safetensors`: the engine's parameters and buffers under their PyTorch names, in PyTorch's shapes, so that
 * `load_state_dict` takes them as they are.
 *
 * @param folder - Of the trained model
 * @param about - What the file says of itself besides
 */
export async function writeModel(
  folder: string,
  engine: Pick<Engine, "tensors" | "snapshot">,
  about: Readonly<Record<string, string>>,
): Promise<void> {
  const tensors = namedTensors(engine.tensors, await engine.snapshot());
  const metadata = { format: "pt", ...about };
  await replaceFile(join(folder, "model.safetensors"), encodeSafetensors({ tensors, metadata }));
}
