/** @file The place of a folder in the cache of encoders. */
import { FlowError } from "../../base/errors.ts";
import { namesIn } from "../../base/files/durable-file.ts";
import { isTakenBy, type WantedFolder } from "../../hub/download-place.ts";
import {
  encoderFiles,
  findEncoderFiles,
  int8Files,
  parseEncoderConfig,
  readJson,
} from "./encoder-folder.ts";
import { parseHubConfig } from "./hub-config.ts";

/** {@link isTakenBy} for the places of encoders. */
export function isTaken(
  folder: string,
  isWanted: (folder: string) => Promise<boolean>,
): Promise<boolean> {
  return isTakenBy(folder, wantedHere(isWanted));
}

/** What belongs in a place of the cache of encoders. */
export function wantedHere(isWanted: (folder: string) => Promise<boolean>): WantedFolder {
  return {
    isWanted,
    name: "a complete encoder",
    cure: "folder for encoders (encode.cache in a pipeline file, --cache on the command line)",
  };
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
