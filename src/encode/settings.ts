import { z } from "zod";
import { FlowError } from "../base/errors.ts";
import { toJson, type Json } from "../base/json.ts";
import { encoderFields, type EncodeSettings } from "./encoder-settings.ts";
import { defaultMaxCharacters } from "./text/limit-text.ts";
import { encoderSpec, encoderThreads } from "./encoders/encoder-kinds.ts";

/** How texts become vectors, by one encoder. */
export const encodeSettings = encoderFields.extend({
  encoder: encoderFields.shape.encoder
    .unwrap()
    .superRefine(refuseUnknownEncoder)
    .default("bundled")
    .describe(encoderFields.shape.encoder.description ?? ""),
});

/** The `encode:` block of a pipeline file. */
export const encodeBlock = encodeSettings.extend({
  encoder: z
    .union([z.string(), z.array(z.string()).min(1).readonly()])
    .superRefine(refuseFaultyEncoders)
    .default("bundled")
    .describe(
      `${encodeSettings.shape.encoder.description ?? ""}; a list: every knowledge variant is trained with each, ` +
        "with those behind the first as r4ec@NAME, NAME being that of preset, folder or model",
    ),
});

/** See {@link encodeBlock}. */
export type EncodeBlock = z.infer<typeof encodeBlock>;

/** Splits the settings into those that decide the result and those that say how and where it is computed. */
export function splitEncodeSettings(settings: EncodeSettings): {
  readonly what: Json;
  readonly how: Json;
} {
  const { sessions, threads, providers, cache, remote, vectors, ...rest } = settings;
  const { maxCharacters, maxErrors, ...what } = rest;
  return {
    // Only where it is another than the default: finished tasks of before it was a setting stay.
    what: toJson({ ...what, ...(maxCharacters !== defaultMaxCharacters && { maxCharacters }) }),
    how: toJson({ sessions, threads, providers, cache, remote, vectors, maxErrors }),
  };
}

/** The settings of a task: `config.settings` and `runtime.settings` are the parts that {@link splitEncodeSettings} makes. */
export function joinEncodeSettings({
  config,
  runtime,
}: {
  readonly config: Json;
  readonly runtime: Json;
}): EncodeSettings {
  const part = z.record(z.string(), z.unknown());
  const { settings: what } = z.object({ settings: part }).parse(config);
  const { settings: how } = z.object({ settings: part.default({}) }).parse(runtime ?? {});
  return encodeSettings.parse({ ...what, ...how });
}

/**
 * Threads of a task that encodes, on so many cores; a task that asks a server only waits. The bundled model is so small that one session
 * per core beats one session on all cores; for large models, every session would hold its own weights.
 */
export function sessionThreads(
  { encoder, sessions }: EncodeSettings,
  cores: number,
): number | "all" | "waiting" {
  const threads = encoderThreads(encoder);
  return sessions === undefined || threads === "waiting"
    ? threads
    : Math.max(1, Math.floor(cores / sessions));
}

/** The `params` of a task: whose texts it encodes. */
export const encodeParams = z.strictObject({
  subject: z.enum(["user", "item"]),
  variant: z.string().describe("variant of the texts"),
});

/** See {@link encodeParams}. */
export type EncodeParams = z.infer<typeof encodeParams>;

function refuseFaultyEncoders(
  given: string | readonly string[],
  context: z.core.$RefinementCtx,
): void {
  const encoders = [given].flat();
  for (const encoder of encoders) refuseUnknownEncoder(encoder, context);
  const twice = encoders.find((encoder, place) => encoders.indexOf(encoder) < place);
  if (twice !== undefined) {
    context.addIssue({ code: "custom", message: `"${twice}" is there twice` });
  }
}

function refuseUnknownEncoder(text: string, context: z.core.$RefinementCtx): void {
  try {
    encoderSpec(text);
  } catch (error) {
    if (!(error instanceof FlowError)) throw error;
    context.addIssue({ code: "custom", message: error.message });
  }
}
