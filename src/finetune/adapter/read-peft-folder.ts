import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { nullIfMissing } from "../../base/files/durable-file.ts";
import { FlowError } from "../../base/errors.ts";
import { jsonOrNull } from "../../base/json.ts";
import type { NamedTensor } from "../../optim/safetensors.ts";
import {
  linearNames,
  linearShapes,
  type DecoderConfig,
  type LinearName,
} from "../decoder/decoder-config.ts";
import { readSafetensors } from "../weights/open-safetensors.ts";
import type { LoraAdapter, LoraMatrices } from "./lora-adapter.ts";
import { peftConfig, peftFiles, peftName, placeOf } from "./peft-names.ts";

/**
 * Reads an adapter folder of PEFT: the one that `writePeftFolder` writes, or of another trainer, as long as it is plain LoRA on the
 * linear layers, with the same ones in every layer. Numbers may be float32, float16 or bfloat16.
 *
 * @param config - Of the model that the adapter is for
 * @throws FlowError `INPUT_INVALID` for a folder that is incomplete, of another kind of adapter, or of another model
 */
export async function readPeftFolder(folder: string, config: DecoderConfig): Promise<LoraAdapter> {
  const settings = await readPeftConfig(folder);
  const path = join(folder, peftFiles.weights);
  const tensors = await readSafetensors(path);
  const targets = targetsOf(tensors, path);
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const shapes = linearShapes(config);

  const valuesOf = (name: string, rows: number, columns: number): Float32Array => {
    const tensor = byName.get(name);
    if (tensor === undefined) {
      throw new FlowError(
        "INPUT_INVALID",
        `${path}: "${name}" is missing: an adapter must adapt the same linear layers in all ${config.layers} layers.`,
      );
    }
    if (tensor.shape.length !== 2 || tensor.shape[0] !== rows || tensor.shape[1] !== columns) {
      throw new FlowError(
        "INPUT_INVALID",
        `${path}: "${name}" has the shape [${tensor.shape.join(", ")}] instead of [${rows}, ${columns}]: the adapter is of another model.`,
      );
    }
    byName.delete(name);
    return tensor.values;
  };
  const matricesOf = (layer: number, linear: LinearName): LoraMatrices => {
    const [outputs, inputs] = shapes[linear];
    return {
      layer,
      linear,
      a: valuesOf(peftName(layer, linear, "A"), settings.r, inputs),
      b: valuesOf(peftName(layer, linear, "B"), outputs, settings.r),
    };
  };
  const matrices = Array.from({ length: config.layers }, (_, layer) =>
    targets.map((linear) => matricesOf(layer, linear)),
  ).flat();
  const [left] = byName.keys();
  if (left !== undefined) {
    throw new FlowError(
      "INPUT_INVALID",
      `${path}: "${left}" is of a layer that the model, with ${config.layers} layers, does not have: the adapter is of another model.`,
    );
  }
  const { r: rank, lora_alpha: alpha, lora_dropout: dropout } = settings;
  return {
    lora: { rank, alpha, dropout, targets },
    config,
    base: settings.base_model_name_or_path ?? "",
    matrices,
  };
}

/**
 * Reads the settings of an adapter folder, and sees that its weights are there.
 *
 * @throws FlowError `INPUT_INVALID` for a folder that is incomplete, or of another kind of adapter
 */
export async function readPeftConfig(folder: string): Promise<z.output<typeof peftConfig>> {
  const path = join(folder, peftFiles.config);
  const text = await readFile(path, "utf8").catch(nullIfMissing);
  if (text === null) throw new FlowError("INPUT_INVALID", missing(path));
  const weights = join(folder, peftFiles.weights);
  if ((await stat(weights).catch(nullIfMissing)) === null) {
    throw new FlowError("INPUT_INVALID", missing(weights));
  }
  const checked = peftConfig.safeParse(jsonOrNull(text));
  if (checked.success) return checked.data;
  throw new FlowError(
    "INPUT_INVALID",
    `${path}: not a plain LoRA adapter: ${z.prettifyError(checked.error)}\n` +
      "Train without these, or merge the adapter into its model, and play the merged one.",
    { cause: checked.error },
  );
}

function targetsOf(tensors: readonly NamedTensor[], path: string): readonly LinearName[] {
  const found = new Set<LinearName>();
  for (const { name } of tensors) {
    const place = placeOf(name);
    if (place === null) {
      throw new FlowError(
        "INPUT_INVALID",
        `${path}: "${name}" is no LoRA matrix of a linear layer: only adapters of ${linearNames.join(", ")} can be read.`,
      );
    }
    found.add(place.linear);
  }
  if (found.size === 0) throw new FlowError("INPUT_INVALID", `${path}: it holds no tensors.`);
  return linearNames.filter((linear) => found.has(linear));
}

function missing(path: string): string {
  return `${path} does not exist: an adapter folder holds ${peftFiles.config} and ${peftFiles.weights}.`;
}
