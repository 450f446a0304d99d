import { rm } from "node:fs/promises";
import { join } from "node:path";
import { replaceFile } from "../../base/files/durable-file.ts";
import { encodeSafetensors, type NamedTensor } from "../../optim/safetensors.ts";
import { linearShapes } from "../decoder/decoder-config.ts";
import type { LoraAdapter } from "./lora-adapter.ts";
import { moduleName, peftFiles, peftName } from "./peft-names.ts";

/**
 * Writes an adapter as a folder that PEFT, vLLM and LLaMA-Factory load. The folder is made if it is missing. The configuration is
 * written last, and an older one is removed first: a folder that has one is whole.
 */
export async function writePeftFolder(folder: string, adapter: LoraAdapter): Promise<void> {
  const configPath = join(folder, peftFiles.config);
  await rm(configPath, { force: true });
  const tensors = encodeSafetensors({
    tensors: peftTensors(adapter),
    metadata: { format: "pt" },
  });
  await replaceFile(join(folder, peftFiles.weights), tensors);
  await replaceFile(configPath, `${JSON.stringify(configOf(adapter), null, 2)}\n`);
}

function peftTensors({ lora, config, matrices }: LoraAdapter): readonly NamedTensor[] {
  const shapes = linearShapes(config);
  return matrices.flatMap(({ layer, linear, a, b }): readonly NamedTensor[] => {
    const [outputs, inputs] = shapes[linear];
    return [
      { name: peftName(layer, linear, "A"), shape: [lora.rank, inputs], values: a },
      { name: peftName(layer, linear, "B"), shape: [outputs, lora.rank], values: b },
    ];
  });
}

function configOf({ lora, base }: LoraAdapter): object {
  return {
    peft_type: "LORA",
    task_type: "CAUSAL_LM",
    base_model_name_or_path: base,
    r: lora.rank,
    lora_alpha: lora.alpha,
    lora_dropout: lora.dropout,
    target_modules: lora.targets.map(moduleName),
    bias: "none",
    fan_in_fan_out: false,
    inference_mode: true,
    init_lora_weights: true,
    modules_to_save: null,
    layers_to_transform: null,
    layers_pattern: null,
    rank_pattern: {},
    alpha_pattern: {},
    use_rslora: false,
    use_dora: false,
    revision: null,
  };
}
