/** @file A traced model as two ONNX sessions over one arena: one for loss and gradients, one for probabilities. */
import type { Tensor } from "onnxruntime-node";

import type { Batch } from "../engine.ts";
import { createArena, slotValues, type Arena, type Region } from "./arena.ts";
import { batchFeeds } from "./batch-feeds.ts";
import { bindSession } from "./bound-session.ts";
import { initialise, nameParameters, type NamedParameter } from "./parameters.ts";
import { loadOnnxRuntime } from "./runtime.ts";
import { elements } from "./shapes.ts";
import { gradientName, traceModel, type ModelDefinition } from "./traced-model.ts";

export interface OnnxModelOptions extends ModelDefinition {
  /** Of the start values. */
  readonly seed: number;
  /** Threads of each operation. */
  readonly threads: number;
}

/** A model that computes loss, gradients and probabilities, but does not update itself. */
export interface OnnxModel {
  readonly arena: Arena;
  /** By PyTorch name, in the order in which the model asked for them. */
  readonly parameters: ReadonlyMap<string, NamedParameter>;
  /** Fills the gradients and returns the mean binary cross-entropy of the batch, nats. */
  readonly backward: (batch: Batch) => Promise<number>;
  /** Probabilities of label 1, shape `[size]`. */
  readonly predict: (batch: Batch) => Promise<Float32Array>;
  readonly close: () => Promise<void>;
}

/** Traces, differentiates and compiles a model, and draws its start values. */
export async function createOnnxModel(options: OnnxModelOptions): Promise<OnnxModel> {
  const { shape, seed, threads } = options;
  const runtime = await loadOnnxRuntime();
  const { declarations, training, scoring } = traceModel(options);
  const arena = createArena(declarations.map(({ node }) => elements(node.shape)));
  const parameters = nameParameters(arena, declarations);
  for (const parameter of parameters.values()) initialise(parameter, seed);

  const regionTensors = (region: Region, nameOf: (key: string) => string) => {
    const tensors: Record<string, Tensor> = {};
    declarations.forEach(({ key, node }, index) => {
      const slot = arena.slots[index];
      if (slot) tensors[nameOf(key)] = new runtime.Tensor(slotValues(region, slot), node.shape);
    });
    return tensors;
  };
  const weights = regionTensors(arena.parameters, (key) => key);
  const loss = new Float32Array(1);
  const trainingSession = await bindSession(runtime, training, threads, weights, {
    ...regionTensors(arena.gradients, gradientName),
    loss: new runtime.Tensor(loss, []),
  });
  const probabilities = new Float32Array(shape.batchSize);
  const scoringSession = await bindSession(runtime, scoring, threads, weights, {
    probabilities: new runtime.Tensor(probabilities, [shape.batchSize]),
  });
  const feedsOf = batchFeeds(runtime, shape);

  return {
    arena,
    parameters,
    backward: async (batch) => {
      await trainingSession.run(feedsOf(batch));
      return loss[0] ?? Number.NaN;
    },
    predict: async (batch) => {
      const { size } = batch;
      await scoringSession.run(feedsOf(batch));
      return probabilities.slice(0, size);
    },
    close: async () => {
      await trainingSession.close();
      await scoringSession.close();
    },
  };
}
