/** @file Configuration files of encoders from the Hugging Face hub. */
import path from "node:path";
import { z } from "zod";
import { FlowError } from "../../base/errors.ts";
import { hasFile, readJson } from "./encoder-folder.ts";

/** The keys of a hub `config.json` that matter for encoding; others are ignored. */
const hubConfigSchema = z.object({
  model_type: z.string(),
  hidden_size: z.int().positive().optional(),
  num_attention_heads: z.int().positive().optional(),
  intermediate_size: z.int().positive().optional(),
  max_position_embeddings: z.int().positive().optional(),
  vocab_size: z.int().positive().optional(),
  pad_token_id: z.int().nonnegative().nullish(),
  attention_window: z.union([z.int().positive(), z.array(z.int().positive()).min(1)]).optional(),
});
export type HubConfig = z.infer<typeof hubConfigSchema>;

/** The folder's `config.json` as the hub has it. */
export function parseHubConfig(file: string, content: unknown): HubConfig {
  const config = hubConfigSchema.safeParse(content);
  if (config.success) return config.data;
  throw new FlowError(
    "INPUT_INVALID",
    `${file}: not the config.json of an encoder: ${z.prettifyError(config.error)}`,
  );
}

/** Model types that count positions from the padding token's id plus 1. */
const offsetTypes = ["roberta", "xlm-roberta", "longformer", "camembert", "mpnet", "data2vec-text"];

/** The position of a sequence's first token. */
export function firstPosition({ model_type, pad_token_id }: HubConfig): number {
  return offsetTypes.includes(model_type) ? (pad_token_id ?? 1) + 1 : 0;
}

/** Number of positions of the model, special tokens included; 512 when unknown. */
export function positionsOf(config: HubConfig): number {
  const { max_position_embeddings: positions } = config;
  return positions === undefined ? 512 : positions - firstPosition(config);
}

/** The length that batches must be a multiple of: the attention window of a Longformer, else 1. */
export function attentionWindow({ attention_window: window }: HubConfig): number {
  return Array.isArray(window) ? Math.max(...window) : (window ?? 1);
}

const poolingSchema = z.object({
  pooling_mode_cls_token: z.boolean().default(false),
  pooling_mode_mean_tokens: z.boolean().default(false),
});
const modulesSchema = z.array(z.object({ type: z.string() }));
const lengthSchema = z.object({ max_seq_length: z.int().positive().nullish() });

/** Settings of a sentence-transformers folder; undefined when not given. */
export interface SentenceSettings {
  readonly pooling: "cls" | "mean" | undefined;
  readonly normalize: boolean | undefined;
  readonly maxTokens: number | undefined;
}

/** Reads the settings that sentence-transformers stores next to a model, if any. */
export async function readSentenceSettings(folder: string): Promise<SentenceSettings> {
  const read = async <T>(file: string, schema: z.ZodType<T>): Promise<T | undefined> => {
    const from = path.join(folder, file);
    if (!(await hasFile(from))) return undefined;
    return schema.safeParse(await readJson(from)).data;
  };
  const pooling = await read("1_Pooling/config.json", poolingSchema);
  const modules = await read("modules.json", modulesSchema);
  const length = await read("sentence_bert_config.json", lengthSchema);
  return {
    pooling: pooling && poolingOf(pooling),
    normalize: modules?.some(({ type }) => type.endsWith(".Normalize")),
    maxTokens: length?.max_seq_length ?? undefined,
  };
}

function poolingOf(modes: z.infer<typeof poolingSchema>): "cls" | "mean" | undefined {
  if (modes.pooling_mode_cls_token) return "cls";
  return modes.pooling_mode_mean_tokens ? "mean" : undefined;
}
