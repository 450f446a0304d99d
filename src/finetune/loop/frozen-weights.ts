import type { Tensor } from "onnxruntime-node";

import { rotaryTables } from "../../models/layers/decoder/rotary.ts";
import type { NamedTensors } from "../../onnx/session/bound-session.ts";
import type { OnnxRuntime } from "../../onnx/session/runtime.ts";
import {
  linearNames,
  linearShapes,
  type DecoderConfig,
  type LinearName,
} from "../decoder/decoder-config.ts";
import { biased, rowInputs } from "../decoder/decoder-layer.ts";
import type { TensorSource } from "../weights/tensor-source.ts";

/** The base model in memory, float32. */
export interface FrozenWeights {
  /** `[V, H]`, row-major. */
  readonly embedding: Float32Array;
  /** By the names that the layer's graphs read. */
  readonly layers: readonly NamedTensors[];
  /** Of the output: `[V, H]`. */
  readonly table: Tensor;
  /** Of the last normalisation: `[H]`. */
  readonly norm: Tensor;
  readonly rotary: NamedTensors;
}

/**
 * Reads all weights.
 *
 * @param positions - Rows of the rotary tables
 * @throws as {@link TensorSource.read}
 */
export async function loadFrozenWeights(
  { Tensor }: OnnxRuntime,
  config: DecoderConfig,
  weights: TensorSource,
  positions: number,
): Promise<FrozenWeights> {
  const { hidden, vocabulary, headWidth, ropeBase } = config;
  const shapes = linearShapes(config);
  const read = async (name: string, shape: readonly number[]): Promise<Tensor> =>
    new Tensor("float32", await weights.read(name), shape);
  const layers: NamedTensors[] = [];
  for (let layer = 0; layer < config.layers; layer++) {
    const named: Record<string, Tensor> = {};
    for (const [name, shape] of layerWeights(config, shapes)) {
      named[name] = await read(`model.layers.${layer}.${name}`, shape);
    }
    layers.push(named);
  }
  const embedding = await weights.read("model.embed_tokens.weight");
  const { cosines, sines } = rotaryTables(positions, headWidth, ropeBase);
  return {
    embedding,
    layers,
    table: config.isTied
      ? new Tensor("float32", embedding, [vocabulary, hidden])
      : await read("lm_head.weight", [vocabulary, hidden]),
    norm: await read("model.norm.weight", [hidden]),
    rotary: {
      [rowInputs.cosines]: new Tensor("float32", cosines, [positions, headWidth]),
      [rowInputs.sines]: new Tensor("float32", sines, [positions, headWidth]),
    },
  };
}

/** The frozen tensors of a layer: name and shape. */
export function layerWeights(
  config: DecoderConfig,
  shapes: Readonly<Record<LinearName, readonly [number, number]>> = linearShapes(config),
): readonly (readonly [name: string, shape: readonly number[]])[] {
  const { hidden, headWidth, hasHeadNorms } = config;
  return [
    ["input_layernorm.weight", [hidden]],
    ["post_attention_layernorm.weight", [hidden]],
    ...linearNames.flatMap((name) => [
      [`${name}.weight`, shapes[name]] as const,
      ...(biased(config, name) ? [[`${name}.bias`, [shapes[name][0]]] as const] : []),
    ]),
    ...(hasHeadNorms
      ? ["q", "k"].map((name) => [`self_attn.${name}_norm.weight`, [headWidth]] as const)
      : []),
  ];
}
