import { z } from "zod";
import type { Json } from "../base/json.ts";
import type { Sampling } from "./chat.ts";

const json: z.ZodType<Json> = z.json();

const sampling = z
  .strictObject({
    temperature: z
      .number()
      .min(0)
      .max(2)
      .optional()
      .describe(
        "0 is greedy. Default: 0; for an actor of strategy filter that writes several texts 0.7, so that they differ.",
      ),
    topP: z
      .number()
      .gt(0)
      .max(1)
      .default(1)
      .describe("Samples only from the most likely tokens that make up this share; 1 is all."),
    maxTokens: z.int().min(1).default(1024).describe("Most tokens of an answer."),
    seed: z.int().nullable().default(1).describe("Sent to the server; null lets it choose."),
    stop: z
      .array(z.string().min(1))
      .max(4)
      .readonly()
      .default([])
      .describe("Texts that end an answer."),
    extra: z
      .record(z.string(), json)
      .default({})
      .describe("Additional fields of the request body, such as top_k or chat_template_kwargs."),
  })
  .prefault({})
  .describe("How answers are sampled; part of the cache key.");

/** How fast and how patiently an endpoint is asked. */
export const limitSettings = z
  .strictObject({
    inFlight: z
      .int()
      .min(1)
      .max(4096)
      .default(64)
      .describe("Most requests in flight; the actual number adapts to the endpoint."),
    requestsPerMinute: z
      .number()
      .positive()
      .optional()
      .describe("Most requests per minute. Default: no limit."),
    tokensPerMinute: z
      .number()
      .positive()
      .optional()
      .describe(
        "Most tokens of prompts and answers per minute; estimated first, then corrected. Default: no limit.",
      ),
    timeoutS: z.number().positive().default(120).describe("Timeout of one attempt, seconds."),
    attempts: z
      .int()
      .min(1)
      .default(6)
      .describe("Attempts at one prompt before it counts as failed."),
    downAfterS: z
      .number()
      .positive()
      .default(300)
      .describe("Seconds without any answer after which a failing endpoint stops the run."),
  })
  .prefault({})
  .describe("Speed and patience with the endpoint. Never changes an answer.");

/** What every chat model is told: these decide its answers. */
export const answerFields = {
  model: z
    .string()
    .min(1)
    .describe(
      "The model's name as the server knows it, or finetuned: the one that finetune.adapters names for the role.",
    ),
  sampling,
  structured: z
    .enum(["tags", "schema"])
    .default("tags")
    .describe(
      "Form of judgements and verdicts: tags, or a JSON schema if the server can enforce one.",
    ),
  askAgain: z
    .int()
    .min(0)
    .max(5)
    .default(1)
    .describe("Retries after an answer that cannot be parsed."),
  tokenizer: z
    .string()
    .optional()
    .describe(
      "Path of the model's tokenizer.json, for exact token counts. Default: 4 characters per token.",
    ),
};

/** Where a server is and what it is sent for access. */
export const endpointFields = {
  baseUrl: z
    .union([z.url(), z.array(z.url()).min(1).readonly()])
    .default("https://api.openai.com/v1")
    .describe("One or several endpoints that serve the same model, up to and including /v1."),
  apiKeyEnv: z
    .string()
    .regex(/^[A-Z_][A-Z0-9_]*$/i, "the NAME of an environment variable, never a key itself")
    .default("OPENAI_API_KEY")
    .describe("Environment variable with the key; may be unset for a local server."),
  headers: z
    .record(z.string(), z.string())
    .default({})
    .describe("Additional headers; ${NAME} stands for an environment variable."),
};

/** What the settings of all chat providers have in common. */
export type AnswerSettings = z.output<z.ZodObject<typeof answerFields>> & {
  readonly provider: string;
  /** An adapter of the model's weights, where the provider loads them itself. */
  readonly adapter?: string | undefined;
};
/** Where a server is and what it is sent for access. */
export type EndpointSettings = z.output<z.ZodObject<typeof endpointFields>>;
export type Limits = z.output<typeof limitSettings>;

/** How a server of embeddings is asked, apart from model and address. */
export const embeddingSettings = z
  .strictObject({
    apiKeyEnv: endpointFields.apiKeyEnv,
    headers: endpointFields.headers,
    dimensions: z
      .int()
      .min(1)
      .optional()
      .describe("Vector dimension, for models that can shorten their vectors. Default: all."),
    encodingFormat: z
      .enum(["base64", "float"])
      .default("base64")
      .describe(
        "How vectors are transferred: base64 takes a quarter of the bytes. Never changes them.",
      ),
    extra: z
      .record(z.string(), json)
      .default({})
      .describe("Additional fields of the request body, such as input_type."),
    textsPerRequest: z.int().min(1).max(2048).default(32).describe("Most texts per request."),
    tokensPerRequest: z
      .int()
      .min(1)
      .default(8192)
      .describe("Most tokens per request, unless a single text has more."),
    tokenizer: z
      .string()
      .optional()
      .describe(
        "Path of the model's tokenizer.json, for exact token counts. Default: 4 characters per token.",
      ),
    limits: limitSettings,
  })
  .describe("How a remote encoder is asked, openai:MODEL@BASE_URL.");

/** {@link embeddingSettings} with the model and where it is. */
export type EmbeddingSettings = z.output<typeof embeddingSettings> &
  Pick<EndpointSettings, "baseUrl"> & { readonly model: string };

const dollars = z.number().min(0);

/** US dollars per million tokens, by model. */
export const priceSettings = z
  .record(
    z.string(),
    z.strictObject({
      prompt: dollars,
      cachedPrompt: dollars.optional().describe("Default: the price of a prompt token."),
      completion: dollars,
    }),
  )
  .describe("US dollars per million tokens, by model.");

export type Prices = z.output<typeof priceSettings>;

/** What a run may spend at most. */
export const budgetSettings = z
  .strictObject({
    maxCostUsd: z
      .number()
      .positive()
      .optional()
      .describe(
        "US dollars at knowledge.prices. What is in flight, may have been charged, or is not counted by the server counts at its highest " +
          "cost: a token per byte of the prompt, and an answer of maxTokens. Default: no limit.",
      ),
    maxRequests: z
      .int()
      .positive()
      .optional()
      .describe(
        "Most requests sent, with every further attempt, and with what was in flight when a run was killed. Default: no limit.",
      ),
  })
  .describe("The run stops cleanly when it is spent; raise it and run again to continue.");

export type Budget = z.output<typeof budgetSettings>;

/** How a model's answers are sampled; greedily unless its settings say otherwise. */
export function samplingOf({ sampling: given }: Pick<AnswerSettings, "sampling">): Sampling {
  const { temperature = 0, ...rest } = given;
  return { temperature, ...rest };
}

/** The settings that decide an answer: all but where and how fast it is fetched. */
export function answerIdentity(settings: AnswerSettings): Readonly<Record<string, unknown>> {
  const { provider, model, adapter, structured, askAgain } = settings;
  return {
    ...{ provider, model, sampling: samplingOf(settings), structured, askAgain },
    ...(adapter !== undefined && { adapter }),
  };
}
