import path from "node:path";
import { parseEncoderConfig, readJson, type EncoderFiles } from "./encoder-folder.ts";
import type { EncoderPreset } from "./encoder-presets.ts";
import {
  attentionWindow,
  firstPosition,
  parseHubConfig,
  positionsOf,
  readSentenceSettings,
} from "./hub-config.ts";

/** How an encoder is read: all that its vectors depend on besides its files. */
export interface EncoderCard {
  /** As the embeddings tables carry it. */
  readonly name: string;
  /** Numbers a vector; null where only the model says. */
  readonly dimension: number | null;
  /** Tokens read at once, special ones included. */
  readonly maxTokens: number;
  /** How tokenizer.json is read: by the bundled encoder's own rules, or by the library. */
  readonly tokenizer: "unigram" | "huggingface";
  /** What becomes of an output of a vector a token: the first one's, or the mean over the tokens that are no padding. */
  readonly pooling: "cls" | "mean";
  /** Outputs that may be used, the best first. */
  readonly outputs: readonly string[];
  /** Whether vectors are scaled to unit length. */
  readonly normalize: boolean;
  /** Put before every text. */
  readonly prefix: string;
  /** What the length of a batch is a multiple of. */
  readonly padTo: number;
  /** Token id of padding. */
  readonly padId: number;
  /** Position of the first token, for models that are told positions. */
  readonly firstPosition: number;
  /** Tokens at a text's start that attend to all others, for models that are told which. */
  readonly globalTokens: number;
  /** Token ids the model has embeddings for; null where the configuration does not say. */
  readonly vocabulary: number | null;
  /** What the memory of a batch is estimated from; null where the configuration does not say. */
  readonly shape: { readonly heads: number; readonly hidden: number; readonly wide: number } | null;
}

/** What a user may say of an encoder instead of what its folder says. */
export interface CardOverrides {
  readonly pooling?: "cls" | "mean" | undefined;
  readonly maxTokens?: number | undefined;
  readonly normalize?: boolean | undefined;
  readonly prefix?: string | undefined;
  readonly output?: string | undefined;
  readonly globalTokens?: number | undefined;
}

const pooledOutputs = ["dense_vecs", "sentence_embedding"];
const tokenOutputs = ["last_hidden_state", "token_embeddings"];

/**
 * How the encoder of a folder is read: as overrides say, else its preset, else the folder's own files.
 *
 * @param preset - of a known encoder, with its name
 * @throws FlowError `INPUT_INVALID` naming a configuration that is not one
 */
export async function readEncoderCard(
  { folder, config }: EncoderFiles,
  overrides: CardOverrides = {},
  preset?: { readonly name: string } & EncoderPreset,
): Promise<EncoderCard> {
  const content = await readJson(config);
  const own = parseEncoderConfig(config, content);
  if (own !== null) {
    return {
      ...{ name: own.name, dimension: own.dimension, tokenizer: own.tokenizer },
      maxTokens: Math.min(own.maxTokens, overrides.maxTokens ?? own.maxTokens),
      pooling: overrides.pooling ?? "mean",
      outputs: [overrides.output ?? "sentence_embedding"],
      normalize: overrides.normalize ?? true,
      prefix: overrides.prefix ?? "",
      ...{ padTo: 1, padId: 0, firstPosition: 0, globalTokens: 0, vocabulary: null, shape: null },
    };
  }
  const hub = parseHubConfig(config, content);
  const said = await readSentenceSettings(folder);
  const { num_attention_heads: heads, hidden_size: hidden, intermediate_size: wide } = hub;
  const positions = positionsOf(hub);
  return {
    name: preset?.name ?? path.basename(folder),
    dimension: preset?.dimension ?? null,
    maxTokens: Math.min(
      positions,
      overrides.maxTokens ?? preset?.maxTokens ?? said.maxTokens ?? positions,
    ),
    tokenizer: "huggingface",
    pooling: overrides.pooling ?? preset?.pooling ?? said.pooling ?? "mean",
    outputs: outputsOf(overrides, preset),
    normalize: overrides.normalize ?? preset?.normalize ?? said.normalize ?? true,
    prefix: overrides.prefix ?? preset?.prefix ?? "",
    padTo: attentionWindow(hub),
    padId: hub.pad_token_id ?? 0,
    firstPosition: firstPosition(hub),
    globalTokens: overrides.globalTokens ?? 0,
    vocabulary: hub.vocab_size ?? null,
    shape:
      heads === undefined || hidden === undefined
        ? null
        : { heads, hidden, wide: wide ?? 4 * hidden },
  };
}

/** A pooling that was asked for needs vectors of tokens: what a model pooled itself, it pooled in its own way. */
function outputsOf(
  { output, pooling }: CardOverrides,
  preset: EncoderPreset | undefined,
): readonly string[] {
  if (output !== undefined) return [output];
  if (pooling !== undefined && pooling !== preset?.pooling) return tokenOutputs;
  return preset?.outputs ?? [...pooledOutputs, ...tokenOutputs, "pooler_output"];
}
