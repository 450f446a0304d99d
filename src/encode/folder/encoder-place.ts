/** @file The place of a folder in the cache of encoders: anything there that is not ours is refused, never used or removed. */
import { lstat, readdir } from "node:fs/promises";
import { FlowError } from "../../base/errors.ts";
import { namesIn, nullIfMissing } from "../../base/files/durable-file.ts";
import { isRealFolder } from "../../base/files/own-names.ts";
import {
  encoderFiles,
  findEncoderFiles,
  int8Files,
  parseEncoderConfig,
  readJson,
} from "./encoder-folder.ts";
import { parseHubConfig } from "./hub-config.ts";

/**
 * Whether a place holds what is wanted there; false when there is nothing, or an empty folder.
 *
 * @param folder - Absolute
 * @param isWanted - Tells the wanted folder from any other
 * @throws FlowError `OUTPUT_FAILED` naming what is in the way when it holds anything else
 */
export async function isTaken(
  folder: string,
  isWanted: (folder: string) => Promise<boolean>,
): Promise<boolean> {
  if ((await lstat(folder).catch(nullIfMissing)) === null) return false;
  if (await isWanted(folder)) return true;
  if (!(await isRealFolder(folder))) throw inTheWay(folder, "it is a file or a link");
  const names = await readdir(folder);
  if (names.length === 0) return false;
  const more = names.length > 5 ? ` and ${String(names.length - 5)} more` : "";
  throw inTheWay(folder, `it holds ${names.sort().slice(0, 5).join(", ")}${more}`);
}

/** Whether a folder is an encoder: it has the files of one, and their configuration is that of an encoder. */
export async function isEncoder(folder: string): Promise<boolean> {
  try {
    const { config } = await findEncoderFiles(folder, [encoderFiles.model, ...int8Files]);
    const content = await readJson(config);
    if (parseEncoderConfig(config, content) === null) parseHubConfig(config, content);
    return true;
  } catch (error) {
    if (error instanceof FlowError) return false;
    throw error;
  }
}

/** Whether a folder has all of these files. */
export async function hasFiles(folder: string, files: readonly string[]): Promise<boolean> {
  const names = await namesIn(folder);
  return files.every((file) => names.includes(file));
}

function inTheWay(folder: string, what: string): FlowError {
  return new FlowError(
    "OUTPUT_FAILED",
    `${folder} is in the way: ${what}, and is not a complete encoder. Nothing in it was changed. Move it away, or choose another ` +
      "folder for encoders (encode.cache in a pipeline file, --cache on the command line)",
  );
}
