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

/** How to use an encoder: everything its vectors depend on besides its files. */
export interface EncoderCard {
  /** Name in the embeddings tables. */
  readonly name: string;
  /** Vector dimension; null when only the model knows. */
  readonly dimension: number | null;
  /** Most tokens per sequence, special ones included. */
  readonly maxTokens: number;
  /** How tokenizer.json is read: by the bundled encoder's own rules, or by the library. */
  readonly tokenizer: "unigram" | "huggingface";
  /** How vectors of tokens are pooled: the first one, or the mean without padding. */
  readonly pooling: "cls" | "mean";
  /** Usable outputs, best first. */
  readonly outputs: readonly string[];
  /** Whether vectors are scaled to unit length. */
  readonly normalize: boolean;
  /** Prepended to every text. */
  readonly prefix: string;
  /** Batches are padded to a multiple of this length. */
  readonly padTo: number;
  /** Token id of padding. */
  readonly padId: number;
  /** Position of the first token, for models with position inputs. */
  readonly firstPosition: number;
  /** Leading tokens with global attention, for models with that input. */
  readonly globalTokens: number;
  /** Size of the model's vocabulary; null when unknown. */
  readonly vocabulary: number | null;
  /** Sizes to estimate the memory of a batch; null when unknown. */
  readonly shape: { readonly heads: number; readonly hidden: number; readonly wide: number } | null;
}

/** User settings that override those of the encoder's folder. */
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
 * Reads how to use the encoder of a folder: from overrides, its preset, and the folder's own files, in this order.
 *
 * @param preset - A known encoder's preset with its name
 * @throws FlowError `INPUT_INVALID` naming an invalid configuration
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

/** A requested pooling needs vectors of tokens: outputs that the model pooled itself used its own way. */
function outputsOf(
  { output, pooling }: CardOverrides,
  preset: EncoderPreset | undefined,
): readonly string[] {
  if (output !== undefined) return [output];
  if (pooling !== undefined && pooling !== preset?.pooling) return tokenOutputs;
  return preset?.outputs ?? [...pooledOutputs, ...tokenOutputs, "pooler_output"];
}
