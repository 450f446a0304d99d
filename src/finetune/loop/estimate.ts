/** @file How much memory the training of an adapter takes, known before the base model's weights are read. */
import type { MemoryNeed } from "../../base/memory-budget.ts";
import { linearNames, linearShapes, type DecoderConfig } from "../decoder/decoder-config.ts";
import { chunkTokens } from "../decoder/head-graphs.ts";
import type { AdapterSettings } from "./adapter-training.ts";

/** What memory depends on besides the base model. */
export interface TrainingSizes extends Pick<AdapterSettings, "lora"> {
  /** Tokens of the rows in flight: of the longest one. */
  readonly maxTokens: number;
}

/** How cures name what can be changed. */
export interface CureNames {
  readonly maxTokens: string;
  readonly base: string;
  /** Whether these are options of the command line. Default: settings of a file. */
  readonly isOption?: boolean;
}

const floatBytes = 4;
/** Values, gradients and two moments of each trained number; the best epoch's values; a checkpoint. */
const copiesOfAdapter = 6;
/** Arrays of logits that are alive while the output layer takes a chunk. */
const logitCopies = 4;
/** Arrays of scores between tokens that are alive at a time in one layer. */
const scoreCopies = 4;
/** What a layer computes again and passes on, per number that it keeps. */
const layerCopies = 3;
/** Fewest tokens of a row that a cure proposes. */
const fewestTokens = 128;

/**
 * Memory for the training of an adapter: the weights as float32, what the layers keep of the tokens in flight until the gradients are
 * computed, and what one layer and the output layer need meanwhile.
 */
export function trainingNeed(
  config: DecoderConfig,
  { lora, maxTokens }: TrainingSizes,
  names: CureNames,
): MemoryNeed {
  const bytesAt = (tokens: number): number => trainingBytes(config, { lora, maxTokens: tokens });
  return {
    what: `training an adapter for rows of up to ${maxTokens.toLocaleString("en")} tokens: the base model and its steps`,
    bytes: bytesAt(maxTokens),
    cure: (free) => {
      for (let tokens = Math.floor(maxTokens / 2); tokens >= fewestTokens; tokens >>= 1) {
        if (bytesAt(tokens) <= free) {
          return `${names.maxTokens}${names.isOption === true ? "" : ":"} ${tokens}`;
        }
      }
      return `${names.base} to a smaller model`;
    },
  };
}

function trainingBytes(config: DecoderConfig, { lora, maxTokens }: TrainingSizes): number {
  const { vocabulary, layers, heads } = config;
  const kept = keptPerToken(config, lora);
  const steps =
    maxTokens * kept * (layers + layerCopies) +
    scoreCopies * heads * maxTokens ** 2 +
    logitCopies * Math.min(chunkTokens, maxTokens) * vocabulary;
  return floatBytes * (weightCount(config) + steps + copiesOfAdapter * loraCount(config, lora));
}

/** Numbers that a layer keeps of each token. */
function keptPerToken(
  { hidden, heads, keyHeads, headWidth, inner }: DecoderConfig,
  { rank, targets }: AdapterSettings["lora"],
): number {
  const attention = 2 * heads * headWidth + 2 * keyHeads * headWidth;
  return 2 * hidden + attention + 2 * inner + rank * targets.length;
}

/** Numbers of the base model. */
export function weightCount(config: DecoderConfig): number {
  const { hidden, vocabulary, layers, isTied } = config;
  const shapes = linearShapes(config);
  const linears = linearNames.reduce((sum, name) => {
    const [outputs, inputs] = shapes[name];
    return sum + outputs * inputs;
  }, 0);
  return (isTied ? 1 : 2) * vocabulary * hidden + layers * (linears + 2 * hidden) + hidden;
}

/** Numbers that LoRA trains. */
export function loraCount(
  config: DecoderConfig,
  { rank, targets }: Pick<AdapterSettings["lora"], "rank" | "targets">,
): number {
  const shapes = linearShapes(config);
  const perLayer = targets.reduce((sum, name) => {
    const [outputs, inputs] = shapes[name];
    return sum + rank * (outputs + inputs);
  }, 0);
  return config.layers * perLayer;
}

/**
 * Multiplications and additions of training on so many tokens: the frozen weights once forward and once backward, the output layer on
 * the tokens of answers only. Attention between tokens is not counted, which is a few percent for rows of some thousand tokens.
 */
export function trainingFlops(
  config: DecoderConfig,
  { tokens, answerTokens }: { readonly tokens: number; readonly answerTokens: number },
): number {
  const table = config.vocabulary * config.hidden;
  const layers = weightCount(config) - (config.isTied ? 1 : 2) * table;
  return 4 * (layers * tokens + table * answerTokens);
}
