/** @file The frozen tensors of a decoder, by their names on the Hugging Face hub. */
import type { Shape } from "../../autodiff/ops.ts";
import { isBiased, linearNames, linearShapes, type DecoderConfig } from "./decoder-config.ts";

/** Name and shape of each tensor of one layer; names without the layer's own prefix. */
export function layerTensors(config: DecoderConfig): readonly (readonly [string, Shape])[] {
  const { hidden, headWidth, hasHeadNorms } = config;
  const shapes = linearShapes(config);
  const biases = linearNames.filter((linear) => isBiased(config, linear));
  const normed = hasHeadNorms ? ["q_norm", "k_norm"] : [];
  return [
    ["input_layernorm.weight", [hidden]],
    ...linearNames.map((linear) => [`${linear}.weight`, shapes[linear]] as const),
    ...biases.map((linear) => [`${linear}.bias`, [shapes[linear][0]]] as const),
    ...normed.map((part) => [`self_attn.${part}.weight`, [headWidth]] as const),
    ["post_attention_layernorm.weight", [hidden]],
  ];
}

/** The name of a layer's tensor in the whole decoder. */
export function tensorOfLayer(layer: number, name: string): string {
  return `model.layers.${layer}.${name}`;
}

/** The shape of every tensor by its name, in the order in which a text passes them. */
export function decoderTensors(config: DecoderConfig): ReadonlyMap<string, Shape> {
  const { layers, hidden, vocabulary, isTied } = config;
  const ofLayer = layerTensors(config);
  return new Map<string, Shape>([
    ["model.embed_tokens.weight", [vocabulary, hidden]],
    ...Array.from({ length: layers }, (_, layer) =>
      ofLayer.map(([name, shape]) => [tensorOfLayer(layer, name), shape] as const),
    ).flat(),
    ["model.norm.weight", [hidden]],
    ...(isTied ? [] : [["lm_head.weight", [vocabulary, hidden]] as const]),
  ]);
}
