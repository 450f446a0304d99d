/** @file Encoders on this machine: an encoder folder, read as the settings say. */
import { join } from "node:path";
import { cachedEncoder } from "../cache/cached-encoder.ts";
import type { EncodeSettings } from "../encoder-settings.ts";
import { describeEncoder, encoderWidth, type EncoderSource } from "../model/describe-encoder.ts";
import { openEncoder, type Encoder } from "../model/encoder.ts";
import type { EncoderPlace } from "../encoder-kind.ts";

/** An encoder folder, absolute, and the preset it is of. */
type EncoderFolder = Pick<EncoderSource, "folder" | "preset">;

/** Opens an encoder folder behind the cache of vectors. */
export async function openLocalEncoder(
  folder: EncoderFolder,
  settings: EncodeSettings,
  { cache, cacheDir, threads }: Pick<EncoderPlace, "cache" | "cacheDir" | "threads">,
): Promise<Encoder> {
  const { providers, sessions = 1 } = settings;
  const encoder = await openEncoder({
    ...sourceOf(folder, settings),
    ...{ providers, sessions },
    int8Dir: settings.cache ?? join(cacheDir, "encoders"),
    threads: settings.threads ?? threads,
  });
  return cachedEncoder(encoder, cache);
}

/** The hash of an encoder folder as the settings say. */
export async function localIdentity(
  folder: EncoderFolder,
  settings: EncodeSettings,
): Promise<string> {
  return (await describeEncoder(sourceOf(folder, settings))).hash;
}

/** The width of an encoder folder's vectors as its files say; null where they do not, or where they cannot be read. */
export function localWidth(
  folder: EncoderFolder,
  settings: EncodeSettings,
): Promise<number | null> {
  return encoderWidth(sourceOf(folder, settings));
}

function sourceOf(folder: EncoderFolder, settings: EncodeSettings): EncoderSource {
  const { pooling, normalize, prefix, output, maxTokens, globalTokens, overlong, precision } =
    settings;
  const { maxCharacters } = settings;
  return {
    ...folder,
    overrides: { pooling, normalize, prefix, output, maxTokens, globalTokens },
    ...{ overlong, precision, maxCharacters },
  };
}
