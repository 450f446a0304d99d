import { join } from "node:path";
import { loadPipeline } from "../pipeline/load-pipeline.ts";
import type { PipelineSettings } from "../pipeline/settings.ts";
import { userCacheDir } from "./user-cache-dir.ts";

/** {@link loadPipeline}; encoders are in the user's cache folder unless the file says otherwise. */
export async function loadSettings(
  file: string,
  overrides: readonly string[],
): Promise<PipelineSettings> {
  const settings = await loadPipeline(file, overrides);
  const { cache = encodersDir(), ...encode } = settings.encode;
  return { ...settings, encode: { ...encode, cache } };
}

/** The folder of downloaded encoders inside a cache folder, by default the user's. */
export function encodersDir(cache = userCacheDir()): string {
  return join(cache, "encoders");
}

/** The folder of downloaded language models inside a cache folder, by default the user's. */
export function languageModelsDir(cache = userCacheDir()): string {
  return join(cache, "models");
}
