/** @file The encoders that are known by name. */

/** Source and settings of a known encoder. */
export interface EncoderPreset {
  /** Repository of the Hugging Face hub. */
  readonly hubId: string;
  readonly pooling: "cls" | "mean";
  /** Usable outputs, best first. */
  readonly outputs: readonly string[];
  readonly normalize: boolean;
  /** Most tokens per sequence, special ones included. */
  readonly maxTokens: number;
  /** Prepended to every text. */
  readonly prefix: string;
  /** Vector dimension. */
  readonly dimension: number;
  readonly license: string;
}

/**
 * Settings of the three encoders of R4ec's comparison. Pooling, lengths and normalisation are those of the method's public code: BGE-M3's
 * dense vector of 2,048 tokens at most; of BERT and Longformer the mean of the last layer over all tokens, not scaled, and no token with
 * global attention.
 */
const presets = {
  "bge-m3": {
    hubId: "BAAI/bge-m3",
    pooling: "cls",
    outputs: ["dense_vecs", "sentence_embedding", "last_hidden_state", "token_embeddings"],
    normalize: true,
    maxTokens: 2048,
    prefix: "",
    dimension: 1024,
    license: "MIT",
  },
  "bert-base": {
    hubId: "google-bert/bert-base-uncased",
    pooling: "mean",
    outputs: ["last_hidden_state", "token_embeddings"],
    normalize: false,
    maxTokens: 512,
    prefix: "",
    dimension: 768,
    license: "Apache-2.0",
  },
  longformer: {
    hubId: "allenai/longformer-base-4096",
    pooling: "mean",
    outputs: ["last_hidden_state", "token_embeddings"],
    normalize: false,
    maxTokens: 4096,
    prefix: "",
    dimension: 768,
    license: "Apache-2.0",
  },
} satisfies Readonly<Record<string, EncoderPreset>>;

export type PresetName = keyof typeof presets;

/** Every encoder that is known by name. */
export const encoderPresets: Readonly<Record<PresetName, EncoderPreset>> = presets;

/** Whether an encoder is known by this name. */
export function isPreset(name: string): name is PresetName {
  return Object.hasOwn(presets, name);
}
