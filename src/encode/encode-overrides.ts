/** @file What a variant changes of the `encode` block. */
import type { z } from "zod";
import { overridesOf } from "../base/overrides-of.ts";
import { canonicalJson, toJson } from "../base/json.ts";
import type { EncodeSettings } from "./encoder-settings.ts";
import { encodeSettings, splitEncodeSettings } from "./settings.ts";

/** What decides vectors: how and where they are computed is the run's. */
const {
  sessions: _sessions,
  threads: _threads,
  providers: _providers,
  vectors: _vectors,
  cache: _cache,
  maxErrors: _maxErrors,
  ...deciding
} = encodeSettings.shape;

/** `encode` of a variant: only what differs. */
export const encodeOverrides = overridesOf(deciding).describe(
  "Overrides settings of the encode block.",
);

/** See {@link encodeOverrides}. */
export type EncodeOverrides = z.output<typeof encodeOverrides>;

/** The settings of an encoder with what a variant overrides; `remote` as a whole. */
export function overrideEncode(
  settings: EncodeSettings,
  overrides: EncodeOverrides = {},
): EncodeSettings {
  return encodeSettings.parse({ ...settings, ...overrides });
}

/** Equal for settings that give equal vectors, as far as settings alone tell. */
export function encodeIdentity(settings: EncodeSettings): string {
  const { dimensions, extra, tokenizer } = settings.remote;
  const { what } = splitEncodeSettings(settings);
  return canonicalJson(toJson({ what, remote: { dimensions, extra, tokenizer } }));
}
