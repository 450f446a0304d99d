import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { FlowError, reasonOf } from "../../base/errors.ts";
import { jsonOrNull } from "../../base/json.ts";
import type { DecoderConfig } from "../decoder/decoder-config.ts";
import type { ChatTokenizer } from "../text/chat-tokenizer.ts";
import { ggufTokenizer } from "../text/gguf-tokenizer.ts";
import { openFolderTokenizer } from "../text/open-folder-tokenizer.ts";
import { ggufWeights } from "../weights/gguf-weights.ts";
import { openGguf } from "../weights/open-gguf.ts";
import { openSafetensors } from "../weights/open-safetensors.ts";
import type { BaseModel } from "./base-model.ts";
import { requireTensors } from "./require-tensors.ts";
import { ggufDecoderConfig } from "./gguf-decoder-config.ts";
import { parseHubDecoderConfig } from "./hub-decoder-config.ts";

/**
 * Opens a model to fine-tune and checks that all of it is there: configuration, tokenizer with chat template, and the shape of every
 * tensor. No weights are read yet; the caller closes `weights`.
 *
 * @param place - A folder as on the Hugging Face hub, or a `.gguf` file
 * @throws FlowError `CONFIG_INVALID` where there is neither, `INPUT_INVALID` naming the file and what is wrong with it
 */
export async function openBaseModel(place: string): Promise<BaseModel> {
  const isFolder = await stat(place).then(
    (found) => found.isDirectory(),
    (cause: unknown) => {
      throw new FlowError(
        "CONFIG_INVALID",
        `${place}: cannot be opened (${reasonOf(cause)}). A base model is a folder with config.json, tokenizer.json and ` +
          "safetensors, or a .gguf file; r4ec fetch gets one",
        { cause },
      );
    },
  );
  return isFolder ? openFolder(place) : openFile(place);
}

async function openFolder(folder: string): Promise<BaseModel> {
  const given = await readConfig(path.join(folder, "config.json"));
  const tokenizer = await openFolderTokenizer(folder);
  requireTokens(tokenizer, given, folder);
  const weights = await openSafetensors(folder);
  try {
    const hasHead = weights.shapeOf("lm_head.weight") !== undefined;
    const config = { ...given, isTied: given.isTied || !hasHead };
    requireTensors(weights, config, folder);
    return { path: folder, config, weights, tokenizer };
  } catch (error) {
    await weights.close();
    throw error;
  }
}

async function openFile(file: string): Promise<BaseModel> {
  const gguf = await openGguf(file);
  try {
    const config = ggufDecoderConfig(gguf);
    const weights = ggufWeights(gguf, config);
    requireTensors(weights, config, file);
    const tokenizer = ggufTokenizer(gguf);
    requireTokens(tokenizer, config, file);
    return { path: file, config, weights, tokenizer };
  } catch (error) {
    await gguf.close();
    throw error;
  }
}

async function readConfig(file: string): Promise<DecoderConfig> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new FlowError(
      "INPUT_INVALID",
      `${file}: cannot be read (${reasonOf(cause)}). A model's folder has its configuration in this file`,
      { cause },
    );
  });
  return parseHubDecoderConfig(file, jsonOrNull(text));
}

function requireTokens(
  { vocabulary }: ChatTokenizer,
  { vocabulary: rows }: DecoderConfig,
  whose: string,
): void {
  if (vocabulary <= rows) return;
  throw new FlowError(
    "INPUT_INVALID",
    `${whose}: the tokenizer has ${vocabulary} tokens and the embedding only ${rows} rows: they are not of the same model`,
  );
}
