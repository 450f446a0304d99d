import { z } from "zod";
import { FlowError } from "../base/errors.ts";
import { toJson, type Json } from "../base/json.ts";
import { budgetSettings, embeddingSettings, priceSettings } from "../llm/settings.ts";
import { encoderSpec } from "./folder/encoder-spec.ts";
import { providerNames } from "../onnx/session/providers.ts";

/** How texts become vectors, by one encoder. */
export const encodeSettings = z.strictObject({
  encoder: z
    .string()
    .superRefine(refuseUnknownEncoder)
    .default("bundled")
    .describe(
      "text encoder; bundled = Universal Sentence Encoder Lite, English, 512 numbers a vector, no download; bge-m3, bert-base, longformer = " +
        "as `r4ec fetch` gets them; the path of a folder of model.onnx, tokenizer.json and config.json, as on the Hugging Face hub; " +
        "or openai:MODEL@BASE_URL, a server of embeddings (OpenAI, vLLM, text-embeddings-inference, llama.cpp)",
    ),
  pooling: z
    .enum(["cls", "mean"])
    .optional()
    .describe(
      "vector of a text, from those of its tokens: the first one's, or the mean; default: as the encoder has it",
    ),
  normalize: z
    .boolean()
    .optional()
    .describe("scale vectors to unit length; default: as the encoder has it"),
  prefix: z
    .string()
    .optional()
    .describe('put before every text, such as "query: " for E5; default: as the encoder has it'),
  output: z
    .string()
    .min(1)
    .optional()
    .describe(
      "name of the model's output to take; default: dense_vecs, sentence_embedding, last_hidden_state, the first there is",
    ),
  maxTokens: z
    .int()
    .min(3)
    .optional()
    .describe("tokens read at once, special ones included; default: as the encoder has it"),
  globalTokens: z
    .int()
    .min(0)
    .optional()
    .describe("of a Longformer: first tokens with attention to and from all others; default 0"),
  precision: z
    .enum(["fp32", "int8"])
    .default("fp32")
    .describe(
      "numbers the weights are held in; int8 is two to three times as fast and a quarter of the size, its vectors differ a little: the " +
        "folder's model_int8.onnx or model_quantized.onnx or, where there is none, one made of model.onnx once",
    ),
  overlong: z
    .enum(["chunks", "first", "error"])
    .default("chunks")
    .describe(
      "a text of more than maxTokens: the mean of its chunks' vectors, its first chunk alone (the table counts what is cut off), or an error",
    ),
  batchTokens: z
    .int()
    .min(1)
    .default(1024)
    .describe("most tokens encoded at once, padding included; more needs more memory"),
  joinLines: z
    .boolean()
    .default(true)
    .describe(
      "read line breaks, tabs and repeated spaces as one space, so that they are no unknown tokens",
    ),
  sessions: z
    .int()
    .min(1)
    .optional()
    .describe(
      "models at work side by side, each with its weights in memory; default: bundled one a core, else one",
    ),
  threads: z
    .int()
    .min(1)
    .optional()
    .describe("threads of a session; default: the cores divided among the sessions"),
  providers: z
    .array(z.enum(providerNames))
    .min(1)
    .default(["cpu"])
    .describe("what computes, the first that can: cpu, cuda, webgpu"),
  remote: embeddingSettings.prefault({}),
  vectors: z
    .string()
    .optional()
    .describe(
      "folder of vectors by text and encoder, to share them between runs; no text in it is encoded again. Default: in the run folder",
    ),
  cache: z
    .string()
    .optional()
    .describe("folder of the encoders that `r4ec fetch` gets; default: in this user's cache"),
});

/** Settings of one encoder, complete. */
export type EncodeSettings = z.infer<typeof encodeSettings>;

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

/** The settings split into those that say what comes out and those that say how and where it is computed. */
export function splitEncodeSettings(settings: EncodeSettings): {
  readonly what: Json;
  readonly how: Json;
} {
  const { sessions, threads, providers, cache, remote, vectors, ...what } = settings;
  return {
    what: toJson(what),
    how: toJson({ sessions, threads, providers, cache, remote, vectors }),
  };
}

/** What a task that asks a server needs to know of the whole run. */
export const spendingSettings = z.strictObject({
  answers: z
    .string()
    .optional()
    .describe("folder of the model's answers, which count what is spent"),
  budget: budgetSettings,
  prices: priceSettings,
});

/** See {@link spendingSettings}. */
export type SpendingSettings = z.infer<typeof spendingSettings>;

/** The run's spending as a task that encodes has it: `runtime.spending`. */
export function spendingOf({ runtime }: { readonly runtime: Json }): SpendingSettings {
  const { spending } = z.object({ spending: spendingSettings.optional() }).parse(runtime ?? {});
  return spending ?? { budget: {}, prices: {} };
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
 * Threads of a task that encodes, on so many cores; one that asks a server waits. The bundled model is so small that a session a core beats one session on all cores; of
 * a large one, every session has its own weights in memory.
 */
export function sessionThreads(
  { encoder, sessions }: EncodeSettings,
  cores: number,
): number | "all" | "waiting" {
  const { kind } = encoderSpec(encoder);
  if (kind === "openai") return "waiting";
  if (sessions !== undefined) return Math.max(1, Math.floor(cores / sessions));
  return kind === "bundled" ? 1 : "all";
}

/** Whose texts a task encodes; its `params`. */
export const encodeParams = z.strictObject({
  subject: z.enum(["user", "item"]),
  variant: z.string().describe("whose texts they are"),
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
