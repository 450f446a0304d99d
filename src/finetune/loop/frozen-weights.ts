import type { Tensor } from "onnxruntime-node";

import { rotaryTables } from "../../models/layers/decoder/rotary.ts";
import type { NamedTensors } from "../../onnx/session/bound-session.ts";
import type { OnnxRuntime } from "../../onnx/session/runtime.ts";
import type { DecoderConfig } from "../decoder/decoder-config.ts";
import { rowInputs } from "../decoder/decoder-layer.ts";
import { layerTensors, tensorOfLayer } from "../decoder/decoder-tensors.ts";
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
  const ofLayer = layerTensors(config);
  const read = async (name: string, shape: readonly number[]): Promise<Tensor> =>
    new Tensor("float32", await weights.read(name), shape);
  const layers: NamedTensors[] = [];
  for (let layer = 0; layer < config.layers; layer++) {
    const named: Record<string, Tensor> = {};
    for (const [name, shape] of ofLayer) {
      named[name] = await read(tensorOfLayer(layer, name), shape);
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
