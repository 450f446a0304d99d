import path from "node:path";
import { toJson, type Json } from "../../base/json.ts";
import { FlowError } from "../../base/errors.ts";
import { parseEncoderConfig, readJson, type EncoderFiles } from "./encoder-folder.ts";
import type { EncoderPreset } from "./encoder-presets.ts";
import { attentionWindow, firstPosition, parseHubConfig, positionsOf } from "./hub-config.ts";
import type { Pooling } from "./pooling.ts";
import type { SentenceLayer } from "./sentence-layers.ts";
import {
  readDefaultPrompt,
  readScaling,
  readTextSettings,
  readVectorSettings,
  type VectorSettings,
} from "./sentence-settings.ts";

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
  /** How vectors of tokens are pooled; those of several poolings are concatenated. */
  readonly poolings: readonly [Pooling, ...Pooling[]];
  /** Whether folder or settings say so; the model's own pooler is then no substitute. */
  readonly isPoolingSaid: boolean;
  /** Whether tokens of the prefix are pooled. */
  readonly poolsPrefix: boolean;
  /** What follows pooling, before scaling. */
  readonly layers: readonly SentenceLayer[];
  /** Numbers of the vector after the modules that the folder lists; null when it does not say. */
  readonly listedDimension: number | null;
  /** Usable outputs, best first. */
  readonly outputs: readonly string[];
  /** Whether vectors are scaled to unit length. */
  readonly normalize: boolean;
  /** Prepended to every text. */
  readonly prefix: string;
  /** Whether texts are read in lower case. */
  readonly lowerCase: boolean;
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
  readonly pooling?: Pooling | undefined;
  readonly maxTokens?: number | undefined;
  readonly normalize?: boolean | undefined;
  readonly prefix?: string | undefined;
  readonly output?: string | undefined;
  readonly globalTokens?: number | undefined;
}

/** Outputs that are the text's vector, all modules done. */
const pooledOutputs = ["dense_vecs", "sentence_embedding"];
const tokenOutputs = ["last_hidden_state", "token_embeddings"];

export interface CardSources {
  /** What the model gives. */
  readonly given: readonly string[];
  readonly overrides?: CardOverrides | undefined;
  /** A known encoder's preset with its name. */
  readonly preset?: ({ readonly name: string } & EncoderPreset) | undefined;
}

/**
 * Reads how to use the encoder of a folder: from overrides, its preset, and the folder's own files, in this order.
 *
 * @throws FlowError `INPUT_INVALID` naming an invalid configuration, or one that is not supported
 */
export async function readEncoderCard(
  { folder, config }: Pick<EncoderFiles, "folder" | "config">,
  { given, overrides = {}, preset }: CardSources,
): Promise<EncoderCard> {
  const content = await readJson(config);
  const own = parseEncoderConfig(config, content);
  if (own !== null) {
    return {
      ...{ name: own.name, dimension: own.dimension, tokenizer: own.tokenizer },
      maxTokens: Math.min(own.maxTokens, overrides.maxTokens ?? own.maxTokens),
      poolings: [overrides.pooling ?? "mean"],
      ...{
        isPoolingSaid: true,
        poolsPrefix: true,
        layers: [],
        lowerCase: false,
        listedDimension: null,
      },
      outputs: [overrides.output ?? "sentence_embedding"],
      normalize: overrides.normalize ?? true,
      prefix: overrides.prefix ?? "",
      ...{ padTo: 1, padId: 0, firstPosition: 0, globalTokens: 0, vocabulary: null, shape: null },
    };
  }
  const hub = parseHubConfig(config, content);
  const said = await readTextSettings(folder);
  const outputs = outputsOf(overrides, preset);
  const ownPooling = overrides.pooling ?? preset?.pooling;
  const listed = readVectorSettings(folder, ownPooling !== undefined);
  const isFinished = pooledOutputs.includes(outputs.find((name) => given.includes(name)) ?? "");
  // Modules that the model holds itself need not be known.
  const { pooling, layers } = await (isFinished ? listed.catch(asUnlisted) : listed);
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
    poolings: ownPooling === undefined ? (pooling?.poolings ?? ["mean"]) : [ownPooling],
    isPoolingSaid: ownPooling !== undefined || pooling !== null,
    poolsPrefix: pooling?.poolsPrompt ?? true,
    layers: isFinished ? [] : layers,
    listedDimension: layers.findLast((layer) => layer.kind === "dense")?.outputs ?? null,
    outputs,
    normalize: overrides.normalize ?? preset?.normalize ?? (await readScaling(folder)) ?? true,
    prefix: overrides.prefix ?? preset?.prefix ?? (await readDefaultPrompt(folder)) ?? "",
    lowerCase: said.lowerCase,
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

/**
 * Numbers of the vectors, as card and folder say.
 *
 * @param given - The model's outputs
 * @returns Null for an output that may have any width
 */
export function cardWidth(card: EncoderCard, given: readonly string[]): number | null {
  const { dimension, listedDimension, outputs, isPoolingSaid, poolings, shape } = card;
  if (dimension !== null || listedDimension !== null) return dimension ?? listedDimension;
  const output = outputs.find((name) => given.includes(name)) ?? "";
  const isOfTokens = tokenOutputs.includes(output);
  const isPooled = pooledOutputs.includes(output) && isPoolingSaid;
  return shape !== null && (isOfTokens || isPooled) ? poolings.length * shape.hidden : null;
}

function asUnlisted(error: unknown): VectorSettings {
  if (error instanceof FlowError) return { pooling: null, layers: [] };
  throw error;
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

/** The part of a card that decides vectors. What a card lacks adds nothing, so that older cards keep their identity. */
export function cardIdentity({
  poolings,
  isPoolingSaid: _said,
  listedDimension: _listed,
  poolsPrefix,
  layers,
  lowerCase,
  ...card
}: EncoderCard): Json {
  return toJson({
    ...card,
    pooling: poolings.length === 1 ? poolings[0] : poolings,
    ...(!poolsPrefix && { poolsPrefix }),
    ...(layers.length > 0 && { layers }),
    ...(lowerCase && { lowerCase }),
  });
}
