/** @file What `finetune.adapters` names, and what it is by its content. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { FlowError } from "../../base/errors.ts";
import { contentHash } from "../../base/files/content-hash.ts";
import { nullIfMissing } from "../../base/files/durable-file.ts";
import { sha256 } from "../../base/sha256.ts";
import { peftFiles } from "../adapter/peft-names.ts";
import { readPeftConfig } from "../adapter/read-peft-folder.ts";
import { ggufDecoderConfig } from "../base/gguf-decoder-config.ts";
import { architectures, type DecoderConfig } from "../decoder/decoder-config.ts";
import type { AdapterIdentity } from "../settings.ts";
import { openGgufHeader } from "../weights/open-gguf.ts";

/** What decides how the matrices of a folder are written for llama.cpp. */
const loaderShape = z.strictObject({
  architecture: z.enum(architectures),
  layers: z.int(),
  hidden: z.int(),
  heads: z.int(),
  keyHeads: z.int(),
  headWidth: z.int(),
  inner: z.int(),
});

/** What was trained elsewhere, wherever it lies: the name at a server, a folder of PEFT for a model, or a file for llama.cpp. */
export const adapterContent = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("served"), name: z.string() }),
  z.strictObject({ kind: z.literal("folder"), content: z.string(), model: loaderShape }),
  z.strictObject({ kind: z.literal("file"), content: z.string() }),
]);

export type AdapterContent = z.output<typeof adapterContent>;

/** An adapter that was trained elsewhere, as the settings name it. */
export interface GivenAdapter extends AdapterIdentity {
  /** Absolute path, or the name at a server. */
  readonly given: string;
  /** The .gguf model that is loaded with it; null where a server plays the role. */
  readonly model: string | null;
}

/**
 * Finds what an adapter is by its content.
 *
 * @throws `CONFIG_INVALID` where there is nothing; `INPUT_INVALID` for a folder or file that is no adapter which can be loaded
 */
export async function contentOf(adapter: GivenAdapter): Promise<AdapterContent> {
  const { given, model } = adapter;
  if (model === null) return { kind: "served", name: given };
  const found = await stat(given).catch(nullIfMissing);
  if (found === null) throw nothingThere(adapter);
  if (!found.isDirectory()) {
    await requireAdapterFile(given);
    return { kind: "file", content: await contentHash(given) };
  }
  await readPeftConfig(given);
  const files = [peftFiles.config, peftFiles.weights].map((name) => join(given, name));
  const hashes = await Promise.all(files.map((file) => contentHash(file)));
  return {
    kind: "folder",
    content: sha256(hashes.join("\n")),
    model: loaderShape.strip().parse(await loaderConfig(model, given)),
  };
}

/**
 * The sizes of the model that is loaded with a folder's adapter.
 *
 * @param model - A .gguf file
 * @throws `INPUT_INVALID` for a model of another kind
 */
export async function loaderConfig(model: string, folder: string): Promise<DecoderConfig> {
  const header = await openGgufHeader(model);
  try {
    return ggufDecoderConfig(header);
  } catch (error) {
    if (!(error instanceof FlowError)) throw error;
    throw new FlowError(
      error.code,
      `${folder} cannot be made into an adapter for this model: ${error.message}. ` +
        "Convert it with llama.cpp's convert_lora_to_gguf.py, and name the .gguf file.",
      { cause: error },
    );
  }
}

/** llama.cpp loads only files that say so as adapters. */
async function requireAdapterFile(path: string): Promise<void> {
  const { metadata } = await openGgufHeader(path);
  const type = metadata.get("general.type");
  if (type === "adapter") return;
  throw new FlowError(
    "INPUT_INVALID",
    `${path}: its general.type is ${String(type ?? "missing")}, not adapter. A whole model, such as one with its adapter merged, is ` +
      "named as the model of the role, without adapter: finetuned.",
  );
}

function nothingThere({ subject, role, given }: GivenAdapter): FlowError {
  const setting = `finetune.adapters.${subject}s.${role}`;
  return new FlowError(
    "CONFIG_INVALID",
    `${setting}: ${given} does not exist. Provider gguf plays the role, and loads the folder that the trainer wrote (${peftFiles.config}, ` +
      `${peftFiles.weights}) or an adapter as a .gguf file. A name under which a server serves the model is for provider openai with ` +
      "model: finetuned.",
  );
}
