/** @file What an encoder is on disk: a folder of `model.onnx`, `tokenizer.json` and `config.json`. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { FlowError, reasonOf } from "../errors.ts";

/** Names of the files of an encoder folder. */
export const encoderFiles = {
  model: "model.onnx",
  tokenizer: "tokenizer.json",
  config: "config.json",
} as const;

/** Content of `config.json`. */
export const encoderConfigSchema = z.strictObject({
  format: z.literal(1).describe("Version of this file's layout."),
  name: z.string().min(1).describe("Name of the encoder, as the embeddings tables carry it."),
  dimension: z.int().positive().describe("Width of a vector."),
  maxTokens: z
    .int()
    .positive()
    .describe("Tokens the model reads at once; longer texts are chunked."),
  tokenizer: z
    .enum(["unigram", "huggingface"])
    .describe("How tokenizer.json is read: by the bundled encoder's own rules, or by the library."),
  pooling: z
    .enum(["model"])
    .describe("model: the output `sentence_embedding` already is one unit vector a text."),
  source: z.string().describe("Where the weights come from."),
  license: z.string().describe("SPDX identifier of the weights' licence."),
});

/** See {@link encoderConfigSchema}. */
export type EncoderConfig = z.infer<typeof encoderConfigSchema>;

/**
 * The checked `config.json` of an encoder folder.
 *
 * @throws FlowError `INPUT_INVALID` when it is missing or not as described
 */
export async function readEncoderConfig(folder: string): Promise<EncoderConfig> {
  const file = path.join(folder, encoderFiles.config);
  const config = encoderConfigSchema.safeParse(await readJson(file));
  if (config.success) return config.data;
  throw new FlowError("INPUT_INVALID", `${file}: ${z.prettifyError(config.error)}`);
}

/**
 * The content of a JSON file.
 *
 * @throws FlowError `INPUT_INVALID` when it is missing or not JSON
 */
export async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    throw new FlowError("INPUT_INVALID", `${file}: not a readable JSON file (${reasonOf(error)})`, {
      cause: error,
    });
  }
}
