import { join } from "node:path";
import { stat } from "node:fs/promises";
import { FlowError } from "../../base/errors.ts";
import { contentHash } from "../../base/files/content-hash.ts";
import { namesIn, nullIfMissing } from "../../base/files/durable-file.ts";
import { sha256 } from "../../base/sha256.ts";

/** The files of a folder that decide what a model of it is: weights, configuration, tokenizer, chat template. */
const parts = /^(?:config\.json|tokenizer.*|chat_template.*|.*\.safetensors(?:\.index\.json)?)$/;

/**
 * The identity of a base model: the content of its files, wherever they are. Of large weights, samples are hashed.
 *
 * @param path - A .gguf file, or a folder
 * @returns 64 hexadecimal digits
 * @throws `CONFIG_INVALID` where there is nothing
 */
export async function baseHash(path: string): Promise<string> {
  const found = await stat(path).catch(nullIfMissing);
  if (found === null) throw noModel(path, "there is no such file or folder");
  if (!found.isDirectory()) return contentHash(path);
  const names = (await namesIn(path)).filter((name) => parts.test(name));
  if (!names.some((name) => name.endsWith(".safetensors"))) {
    throw noModel(path, "the folder holds no *.safetensors");
  }
  const hashes = await Promise.all(
    names.map(async (name) => `${name} ${await contentHash(join(path, name))}`),
  );
  return sha256(hashes.join("\n"));
}

function noModel(path: string, why: string): FlowError {
  return new FlowError(
    "CONFIG_INVALID",
    `the base model ${path}: ${why}. Give the path of a .gguf file or of a folder with config.json, tokenizer.json and *.safetensors; ` +
      "r4ec fetch downloads small models.",
  );
}
