import type { Architecture, DecoderConfig } from "../decoder/decoder-config.ts";

const classNames: Readonly<Record<Architecture, string>> = {
  llama: "LlamaForCausalLM",
  qwen2: "Qwen2ForCausalLM",
  qwen3: "Qwen3ForCausalLM",
};

/** The `config.json` of a model that came without one, as from a GGUF file: what transformers and vLLM need to load its weights. */
export function huggingFaceConfig(config: DecoderConfig): Readonly<Record<string, unknown>> {
  return {
    architectures: [classNames[config.architecture]],
    model_type: config.architecture,
    hidden_size: config.hidden,
    num_hidden_layers: config.layers,
    num_attention_heads: config.heads,
    num_key_value_heads: config.keyHeads,
    head_dim: config.headWidth,
    intermediate_size: config.inner,
    vocab_size: config.vocabulary,
    hidden_act: "silu",
    rms_norm_eps: config.normEpsilon,
    rope_theta: config.ropeBase,
    ...(config.architecture !== "qwen2" && { attention_bias: config.hasBiases }),
    tie_word_embeddings: config.isTied,
    max_position_embeddings: config.contextTokens,
  };
}
