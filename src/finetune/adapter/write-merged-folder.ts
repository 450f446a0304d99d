import { copyFile, mkdir, readFile, rename, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import {
  hasCode,
  namesIn,
  nullIfMissing,
  syncFile,
  writeDurably,
} from "../../base/files/durable-file.ts";
import { withTemporaryFolder } from "../../base/files/temporary-folder.ts";
import { FlowError } from "../../base/errors.ts";
import { jsonOrNull } from "../../base/json.ts";
import { decoderTensors, tensorOfLayer } from "../decoder/decoder-tensors.ts";
import type { TensorSource } from "../weights/tensor-source.ts";
import { writeShards, type LazyTensor, type ShardOptions } from "../weights/write-shards.ts";
import { huggingFaceConfig } from "./hugging-face-config.ts";
import type { LoraAdapter } from "./lora-adapter.ts";
import { mergeLinear } from "./merge-linear.ts";

export interface MergeOptions extends Partial<ShardOptions> {
  readonly adapter: LoraAdapter;
  /** Weights of the base model. */
  readonly weights: TensorSource;
  /** The base model's folder or file; configuration and tokenizer are copied from a folder. */
  readonly base: string;
}

/** Files of a model folder that say how to use its weights. */
const companions = [
  "generation_config.json",
  "tokenizer.json",
  "tokenizer_config.json",
  "tokenizer.model",
  "special_tokens_map.json",
  "added_tokens.json",
  "vocab.json",
  "merges.txt",
  "chat_template.jinja",
  "chat_template.json",
  "LICENSE",
];

const dtypeNames = { F32: "float32", BF16: "bfloat16" } as const;

/**
 * Writes a model with its adapter merged into the weights, `W + alpha / rank · B A`, as a Hugging Face folder of safetensors. Holds one
 * tensor at a time. The folder appears when it is complete.
 *
 * @throws FlowError `OUTPUT_FAILED` for a folder that holds something, `INPUT_INVALID` as the weights do
 */
export async function writeMergedFolder(
  folder: string,
  { adapter, weights, base, dtype = "F32", ...sharding }: MergeOptions,
): Promise<void> {
  const target = resolve(folder);
  await requireEmpty(target);
  await withTemporaryFolder(
    "merged",
    async (temporary) => {
      const unfinished = join(temporary, "made");
      await mkdir(unfinished);
      await writeShards(unfinished, mergedTensors(adapter, weights, base), { dtype, ...sharding });
      await writeConfig(unfinished, adapter, base, dtype);
      await copyCompanions(base, unfinished);
      await rename(unfinished, target).catch((error: unknown) => {
        throw hasCode(error, "ENOTEMPTY") || hasCode(error, "EEXIST") ? taken(target) : error;
      });
    },
    dirname(target),
  );
}

/** All tensors of the model, those with an adapter merged. */
function mergedTensors(
  { lora, config, matrices }: LoraAdapter,
  weights: TensorSource,
  base: string,
): readonly LazyTensor[] {
  const adapted = new Map(
    matrices.map((one) => [tensorOfLayer(one.layer, `${one.linear}.weight`), one]),
  );
  return [...decoderTensors(config).keys()].map((name) => {
    const shape = weights.shapeOf(name);
    if (shape === undefined) {
      throw new FlowError("INPUT_INVALID", `${base}: the tensor ${name} is missing.`);
    }
    const change = adapted.get(name);
    return {
      name,
      shape,
      read: async () => {
        const values = await weights.read(name);
        if (change !== undefined) mergeLinear(values, change, lora);
        return values;
      },
    };
  });
}

/** The base model's own configuration with the new type of number, or one made of what is known of the model. */
async function writeConfig(
  folder: string,
  { config }: LoraAdapter,
  base: string,
  dtype: ShardOptions["dtype"],
): Promise<void> {
  const text = await readFile(join(base, "config.json"), "utf8").catch(nullIfMissing);
  const found = text === null ? null : jsonOrNull(text);
  const own = typeof found === "object" && found !== null ? found : huggingFaceConfig(config);
  const typed =
    "dtype" in own
      ? { ...own, dtype: dtypeNames[dtype] }
      : { ...own, torch_dtype: dtypeNames[dtype] };
  await writeDurably(join(folder, "config.json"), `${JSON.stringify(typed, null, 2)}\n`);
}

async function copyCompanions(base: string, folder: string): Promise<void> {
  if ((await stat(base).catch(nullIfMissing))?.isDirectory() !== true) return;
  const there = new Set(await namesIn(base));
  for (const name of companions.filter((one) => there.has(one))) {
    await copyFile(join(base, name), join(folder, name));
    await syncFile(join(folder, name));
  }
}

async function requireEmpty(folder: string): Promise<void> {
  const found = await stat(folder).catch(nullIfMissing);
  if (found === null) return;
  if (!found.isDirectory() || (await namesIn(folder)).length > 0) throw taken(folder);
}

function taken(folder: string): FlowError {
  return new FlowError(
    "OUTPUT_FAILED",
    `${folder} holds something already: a merged model is only written to a new folder. Choose another one, or delete it.`,
  );
}
