/** @file The `config.json` of encoders from the Hugging Face hub. */
import { z } from "zod";
import { FlowError } from "../../base/errors.ts";

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
