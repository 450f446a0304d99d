import { z } from "zod";
import { maxErrorsSetting } from "../flow/error-limit.ts";
import { embeddingSettings } from "../llm/settings.ts";
import { providerNames } from "../onnx/session/providers.ts";
import { poolings } from "./folder/pooling.ts";
import { defaultMaxCharacters } from "./text/limit-text.ts";

/** How texts become vectors, by one encoder, whose name is not checked. */
export const encoderFields = z.strictObject({
  encoder: z
    .string()
    .default("bundled")
    .describe(
      "text encoder; bundled = Universal Sentence Encoder Lite, English, 512 dimensions, no download; bge-m3, bert-base, longformer = " +
        "as `r4ec fetch` gets them; the path of a folder of model.onnx, tokenizer.json and config.json, as on the Hugging Face hub; " +
        "or openai:MODEL@BASE_URL, a server of embeddings (OpenAI, vLLM, text-embeddings-inference, llama.cpp)",
    ),
  pooling: z
    .enum(poolings)
    .optional()
    .describe(
      "how the vectors of tokens become that of a text, as sentence-transformers names it: the first one, the mean, the largest numbers, " +
        "the sum over the root of the count, the mean weighted by position, or the last one; default: as the encoder has it",
    ),
  normalize: z
    .boolean()
    .optional()
    .describe("scale vectors to unit length; default: as the encoder has it"),
  prefix: z
    .string()
    .optional()
    .describe('prepended to every text, such as "query: " for E5; default: as the encoder has it'),
  output: z
    .string()
    .min(1)
    .optional()
    .describe(
      "name of the model's output to take; default: dense_vecs, sentence_embedding, last_hidden_state, or else the first",
    ),
  maxTokens: z
    .int()
    .min(3)
    .optional()
    .describe("most tokens per sequence, special ones included; default: as the encoder has it"),
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
      "a text of more than maxTokens: the mean of its chunks' vectors, only its first chunk (the table counts what is cut off), or an error",
    ),
  maxCharacters: z
    .int()
    .min(1)
    .default(defaultMaxCharacters)
    .describe(
      "most characters of a text that are read, so that one text cannot hold up the others; what is beyond is cut off and estimated in " +
        "truncated, or an error where overlong says so",
    ),
  batchTokens: z
    .int()
    .min(1)
    .default(1024)
    .describe("most tokens per batch, padding included; more needs more memory"),
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
      "models that run in parallel, each with its own weights in memory; default: one per core for bundled, otherwise one",
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
  maxErrors: maxErrorsSetting.describe(
    "most texts that a server may leave without a vector in a stage, those of earlier runs included: 0.05, say, is a share of the stage's " +
      "texts, looked at when all have been asked for; 0, 1 and above are their number. With more, the run keeps every vector and fails",
  ),
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
export type EncodeSettings = z.infer<typeof encoderFields>;
