/**
 * @file A decoder with an adapter: the loss of a row and its gradients. The graphs of one layer run once per layer, with that layer's
 * weights.
 */
import type { Tensor } from "onnxruntime-node";

import {
  bindSession,
  type BoundSession,
  type NamedTensors,
} from "../../onnx/session/bound-session.ts";
import { loadOnnxRuntime, type OnnxRuntime } from "../../onnx/session/runtime.ts";
import type { EmittedModel } from "../../onnx/emit/emit.ts";
import type { BaseModel } from "../base/base-model.ts";
import { linearShapes } from "../decoder/decoder-config.ts";
import { dropoutInput, rowInputs } from "../decoder/decoder-layer.ts";
import { chunkTokens, headGraphs } from "../decoder/head-graphs.ts";
import { gradientName, layerGraphs } from "../decoder/layer-graphs.ts";
import type { LoraSettings } from "../decoder/lora-settings.ts";
import { noLabel, type PackedRow } from "../text/pack-chats.ts";
import { createActivations } from "./activations.ts";
import { adapterParameters, type AdapterParameters } from "./adapter-parameters.ts";
import { dropoutWindows } from "./dropout-windows.ts";
import { loadFrozenWeights } from "./frozen-weights.ts";

export interface DecoderEngineOptions {
  readonly base: Pick<BaseModel, "config" | "weights">;
  readonly lora: LoraSettings;
  readonly seed: number;
  readonly threads: number;
  /** Tokens of the longest row. */
  readonly tokens: number;
}

/** The loss of a row's answers. */
export interface RowLoss {
  /** Sum over the predicted tokens, nats. */
  readonly loss: number;
  /** Predicted tokens. */
  readonly tokens: number;
}

export interface DecoderEngine {
  readonly parameters: AdapterParameters;
  /**
   * Sets the arena's gradients to those of `weight` times the sum of the row's losses.
   *
   * @param place - Of the row in the training: decides what is dropped
   */
  readonly train: (row: PackedRow, weight: number, place: string) => Promise<RowLoss>;
  /** The loss without dropout. */
  readonly evaluate: (row: PackedRow) => Promise<RowLoss>;
  readonly close: () => Promise<void>;
}

/** Keeps a masked score far below all others, yet finite. */
const masked = -1e9;

/** Loads the base model and prepares its passes. */
export async function createDecoderEngine(options: DecoderEngineOptions): Promise<DecoderEngine> {
  const { base, lora, seed, threads, tokens: longest } = options;
  const { config } = base;
  const { layers, hidden } = config;
  const runtime = await loadOnnxRuntime();
  const { Tensor } = runtime;
  const graphs = layerGraphs(config, lora, longest);
  const head = headGraphs(config);
  const weights = await loadFrozenWeights(runtime, config, base.weights, longest);
  const parameters = adapterParameters(config, graphs.parameters, seed);
  const activations = createActivations(runtime, {
    ...{ layers, hidden, tokens: longest },
    kept: graphs.kept,
  });
  const sessions: BoundSession[] = [];
  const bind = async (model: EmittedModel, inputs: NamedTensors): Promise<BoundSession> => {
    const session = await bindSession(model, { runtime, threads, device: "cpu", inputs });
    sessions.push(session);
    return session;
  };
  const forward = await bind(graphs.forward, weights.rotary);
  const evaluate = await bind(graphs.evaluate, weights.rotary);
  const backward = await bind(graphs.backward, weights.rotary);
  const output = { norm: weights.norm, table: weights.table };
  const headTrain = await bind(head.train, output);
  const headEvaluate = await bind(head.evaluate, output);

  const layerTensors = Array.from({ length: layers }, (_, layer): LayerTensors => {
    const fed: Record<string, Tensor> = { ...weights.layers[layer] };
    const gradients: Record<string, Tensor> = {};
    for (const parameter of parameters.ofLayer(layer)) {
      const { name, shape } = parameter;
      const { parameters: values, gradients: sums } = parameters.arena;
      fed[name] = new Tensor("float32", parameters.values(parameter, values), shape);
      gradients[gradientName(name)] = new Tensor(
        "float32",
        parameters.values(parameter, sums),
        shape,
      );
    }
    return { fed, gradients };
  });
  const shapes = linearShapes(config);
  const widest = Math.max(...lora.targets.map((name) => shapes[name][1]));
  const dropout = lora.dropout > 0 ? dropoutWindows(lora.dropout, longest * widest, seed) : null;
  const dropped = (place: string, layer: number, tokens: number): NamedTensors => {
    if (dropout === null) return {};
    return Object.fromEntries(
      lora.targets.map((name) => {
        const [, inputs] = shapes[name];
        const factors = dropout.window(tokens * inputs, `${place}/${layer}/${name}`);
        return [dropoutInput(name), new Tensor("float32", factors, [tokens, inputs])];
      }),
    );
  };

  const embed = ({ ids }: PackedRow): void => {
    const states = floats(activations.states(0, ids.length));
    ids.forEach((id, place) => {
      states.set(weights.embedding.subarray(id * hidden, (id + 1) * hidden), place * hidden);
    });
  };

  /** Runs a chunk of places at a time through a session of the head. */
  const inChunks = async (
    row: PackedRow,
    run: (places: readonly number[], chunk: HeadChunk) => Promise<void>,
  ): Promise<RowLoss> => {
    const places = [...row.labels.keys()].filter((place) => row.labels[place] !== noLabel);
    const states = floats(activations.states(layers, row.ids.length));
    const chunks = Math.ceil(places.length / chunkTokens);
    const size = Math.ceil(places.length / chunks);
    let loss = 0;
    for (let from = 0; from < places.length; from += size) {
      const part = places.slice(from, from + size);
      const chunk = headChunk(runtime, part, row, states, hidden);
      await run(part, chunk);
      for (const value of floats(chunk.losses)) loss += value;
    }
    return { loss, tokens: places.length };
  };

  return {
    parameters,
    train: async (row, weight, place) => {
      const tokens = row.ids.length;
      const common = rowTensors(runtime, row);
      embed(row);
      for (let layer = 0; layer < layers; layer++) {
        const x = activations.states(layer, tokens);
        const y = activations.states(layer + 1, tokens);
        const feeds = {
          ...common,
          ...layerTensors[layer]?.fed,
          ...dropped(place, layer, tokens),
          x,
        };
        await forward.run(feeds, { y, ...activations.kept(layer, tokens) });
      }
      const top = activations.gradient(layers, tokens);
      const gradient = floats(top).fill(0);
      const result = await inChunks(row, async (places, { x, labels, losses }) => {
        const weights = new Tensor("float32", new Float32Array(places.length).fill(weight), [
          places.length,
          1,
        ]);
        const dx = new Tensor("float32", new Float32Array(places.length * hidden), [
          places.length,
          hidden,
        ]);
        await headTrain.run({ x, labels, weights }, { losses, dx });
        const values = floats(dx);
        places.forEach((at, index) => {
          gradient.set(values.subarray(index * hidden, (index + 1) * hidden), at * hidden);
        });
      });
      for (let layer = layers - 1; layer >= 0; layer--) {
        const { fed, gradients } = layerTensors[layer] ?? { fed: {}, gradients: {} };
        const x = activations.states(layer, tokens);
        const dy = activations.gradient(layer + 1, tokens);
        const dx = activations.gradient(layer, tokens);
        const kept = activations.kept(layer, tokens);
        const feeds = { ...common, ...fed, ...dropped(place, layer, tokens), ...kept, x, dy };
        await backward.run(feeds, { dx, ...gradients });
      }
      return result;
    },
    evaluate: async (row) => {
      const tokens = row.ids.length;
      const common = rowTensors(runtime, row);
      embed(row);
      for (let layer = 0; layer < layers; layer++) {
        const x = activations.states(layer, tokens);
        const y = activations.states(layer + 1, tokens);
        await evaluate.run({ ...common, ...layerTensors[layer]?.fed, x }, { y });
      }
      return inChunks(row, async (_, { x, labels, losses }) => {
        await headEvaluate.run({ x, labels }, { losses });
      });
    },
    close: async () => {
      for (const session of sessions) await session.close();
    },
  };
}

interface LayerTensors {
  /** Weights, and matrices of the adapter. */
  readonly fed: NamedTensors;
  readonly gradients: NamedTensors;
}

/** States that the head reads, and what it is to predict from them. */
interface HeadChunk {
  readonly x: Tensor;
  readonly labels: Tensor;
  readonly losses: Tensor;
}

function headChunk(
  { Tensor }: OnnxRuntime,
  places: readonly number[],
  { labels: predicted }: PackedRow,
  states: Float32Array,
  hidden: number,
): HeadChunk {
  const count = places.length;
  const values = new Float32Array(count * hidden);
  const labels = new Int32Array(count);
  places.forEach((at, index) => {
    values.set(states.subarray(at * hidden, (at + 1) * hidden), index * hidden);
    labels[index] = predicted[at] ?? 0;
  });
  return {
    x: new Tensor("float32", values, [count, hidden]),
    labels: new Tensor("int32", labels, [count]),
    losses: new Tensor("float32", new Float32Array(count), [count, 1]),
  };
}

/** What all layers read of a row: each token sees itself and the tokens before it in its conversation. */
function rowTensors({ Tensor }: OnnxRuntime, { positions, segments }: PackedRow): NamedTensors {
  const tokens = positions.length;
  const mask = new Float32Array(tokens * tokens).fill(masked);
  for (let token = 0; token < tokens; token++) {
    const start = token - (positions[token] ?? 0);
    for (let seen = start; seen <= token; seen++) {
      if (segments[seen] === segments[token]) mask[token * tokens + seen] = 0;
    }
  }
  return {
    [rowInputs.positions]: new Tensor("int32", positions, [1, tokens]),
    [rowInputs.mask]: new Tensor("float32", mask, [tokens, tokens]),
  };
}

function floats({ data }: Tensor): Float32Array {
  if (data instanceof Float32Array) return data;
  throw new Error("internal: a tensor that is not float32");
}
