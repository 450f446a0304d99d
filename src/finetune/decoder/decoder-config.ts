/** @file What is known of a decoder before its weights are read. Letters: `H` = hidden width. */

/** Decoders that can be fine-tuned, by `model_type` of a Hugging Face configuration and `general.architecture` of a GGUF file. */
export const architectures = ["llama", "qwen2", "qwen3"] as const;

export type Architecture = (typeof architectures)[number];

/** Sizes and switches of a decoder of any of the {@link architectures}. */
export interface DecoderConfig {
  readonly architecture: Architecture;
  readonly layers: number;
  /** H, the width of a token's state. */
  readonly hidden: number;
  /** Query heads. */
  readonly heads: number;
  /** Key and value heads; a divisor of `heads`. */
  readonly keyHeads: number;
  readonly headWidth: number;
  /** Width of the feed-forward layer. */
  readonly inner: number;
  /** Rows of the embedding table. */
  readonly vocabulary: number;
  readonly normEpsilon: number;
  /** `rope_theta`. */
  readonly ropeBase: number;
  /** Whether queries, keys and values have biases, as in Qwen2. */
  readonly hasBiases: boolean;
  /** Whether queries and keys are normalised per head, as in Qwen3. */
  readonly hasHeadNorms: boolean;
  /** Whether the output layer is the embedding table. */
  readonly isTied: boolean;
  /** The longest text that the model was made for, tokens. */
  readonly contextTokens: number;
}

/** The linear layers of a decoder layer, by their Hugging Face names: what LoRA may adapt. */
export const linearNames = [
  "self_attn.q_proj",
  "self_attn.k_proj",
  "self_attn.v_proj",
  "self_attn.o_proj",
  "mlp.gate_proj",
  "mlp.up_proj",
  "mlp.down_proj",
] as const;

export type LinearName = (typeof linearNames)[number];

/** Output and input width of each linear layer. */
export function linearShapes({
  hidden,
  heads,
  keyHeads,
  headWidth,
  inner,
}: DecoderConfig): Readonly<Record<LinearName, readonly [outputs: number, inputs: number]>> {
  return {
    "self_attn.q_proj": [heads * headWidth, hidden],
    "self_attn.k_proj": [keyHeads * headWidth, hidden],
    "self_attn.v_proj": [keyHeads * headWidth, hidden],
    "self_attn.o_proj": [hidden, heads * headWidth],
    "mlp.gate_proj": [inner, hidden],
    "mlp.up_proj": [inner, hidden],
    "mlp.down_proj": [hidden, inner],
  };
}

/** Whether a linear layer has a bias: queries, keys and values, where the model has any. */
export function isBiased({ hasBiases }: DecoderConfig, linear: LinearName): boolean {
  return hasBiases && /[qkv]_proj$/.test(linear);
}
