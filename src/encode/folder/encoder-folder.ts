/**
 * @file What an encoder is on disk: a folder of `model.onnx`, `tokenizer.json` and `config.json`, as the Hugging Face hub has them; the
 * model, with what lies beside it, may be in a sub folder `onnx`. The bundled encoder's folder has a `config.json` of its own kind.
 */
import { access, readFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { FlowError, reasonOf } from "../../base/errors.ts";

/** Names of the files of an encoder folder. */
export const encoderFiles = {
  model: "model.onnx",
  tokenizer: "tokenizer.json",
  config: "config.json",
} as const;

/** Names of ready-made 8-bit models on the hub. */
export const int8Files = ["model_int8.onnx", "model_quantized.onnx"];

/** Where a file may be; the first match counts. Early sentence-transformers put the transformer into a folder of its own. */
const modelFolders = ["", "onnx", "0_Transformer", "0_Transformer/onnx"];

/** The files of an encoder, absolute. */
export interface EncoderFiles {
  readonly folder: string;
  readonly model: string;
  readonly tokenizer: string;
  readonly config: string;
}

/**
 * Finds the files of an encoder folder.
 *
 * @param models - Possible names of the model file; the first match counts
 * @param cure - How to get what is missing, for the error
 * @throws FlowError `INPUT_INVALID` naming the missing file
 */
export async function findEncoderFiles(
  folder: string,
  models: readonly string[] = [encoderFiles.model],
  cure = "an encoder is a folder of model.onnx (or onnx/model.onnx), tokenizer.json and config.json, as on the Hugging Face hub",
): Promise<EncoderFiles> {
  const find = async (names: readonly string[], folders: readonly string[]): Promise<string> => {
    for (const name of names) {
      for (const sub of folders) {
        const file = path.join(folder, sub, name);
        if (await hasFile(file)) return file;
      }
    }
    throw new FlowError(
      "INPUT_INVALID",
      `${path.join(folder, names.join(" or "))}: there is no such file; ${cure}`,
    );
  };
  return {
    folder,
    config: await find([encoderFiles.config], modelFolders),
    tokenizer: await find([encoderFiles.tokenizer], modelFolders),
    model: await find(models, modelFolders),
  };
}

/** Content of a `config.json` in r4ec's own format. */
const encoderConfigSchema = z.strictObject({
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

/** Parses a `config.json` in r4ec's own format; null for other formats. */
export function parseEncoderConfig(file: string, content: unknown): EncoderConfig | null {
  if (!z.object({ format: z.unknown() }).safeParse(content).success) return null;
  const config = encoderConfigSchema.safeParse(content);
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

/** Whether a path exists. */
export function hasFile(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
