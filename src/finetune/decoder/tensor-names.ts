import { linearNames, type DecoderConfig } from "./decoder-config.ts";

/** The Hugging Face names of all tensors of a decoder, in the order in which a text passes them. */
export function tensorNames(config: DecoderConfig): readonly string[] {
  const { layers, isTied } = config;
  return [
    "model.embed_tokens.weight",
    ...Array.from({ length: layers }, (_, layer) => layerTensorNames(layer, config)).flat(),
    "model.norm.weight",
    ...(isTied ? [] : ["lm_head.weight"]),
  ];
}

function layerTensorNames(
  layer: number,
  { hasBiases, hasHeadNorms }: DecoderConfig,
): readonly string[] {
  const biased = hasBiases ? ["q_proj", "k_proj", "v_proj"] : [];
  const normed = hasHeadNorms ? ["q_norm", "k_norm"] : [];
  return [
    "input_layernorm.weight",
    ...linearNames.map((linear) => `${linear}.weight`),
    ...biased.map((part) => `self_attn.${part}.bias`),
    ...normed.map((part) => `self_attn.${part}.weight`),
    "post_attention_layernorm.weight",
  ].map((name) => `model.layers.${layer}.${name}`);
}
