/** @file A traced model as two ONNX sessions that share an arena: one for loss and gradients, one for probabilities. */
import type { Tensor } from "onnxruntime-node";

import type { Shape } from "../../autodiff/ops.ts";
import type { Batch } from "./engine.ts";
import { dropoutMasks } from "./dropout-masks.ts";
import type { Node } from "../../autodiff/graph.ts";
import { batchArrays } from "./batch-arrays.ts";
import { fedNames, hasLists, inputSpecs } from "./model-inputs.ts";
import { initialise } from "../../autodiff/parameters.ts";
import { elements } from "../../base/element-count.ts";
import type { ModelDefinition } from "./model-definition.ts";
import { traceModel } from "./traced-model.ts";
import { createArena, slotValues, type Arena, type Region } from "../../optim/arena.ts";
import { bindSession } from "../../onnx/session/bound-session.ts";
import { emitModel } from "../../onnx/emit/emit.ts";
import { nameParameters, type NamedParameter } from "./named-parameters.ts";
import { loadOnnxRuntime } from "../../onnx/session/runtime.ts";
import { tensorFeeds } from "../../onnx/session/tensor-feeds.ts";

export interface OnnxModelOptions extends ModelDefinition {
  /** For initial values and dropout. */
  readonly seed: number;
  /** Threads per operation. */
  readonly threads: number;
  /** ONNX Runtime's execution provider; default "cpu". */
  readonly device?: string;
}

/** A tensor that is part of the model but not trained. */
export interface NamedBuffer {
  readonly name: string;
  readonly shape: Shape;
  readonly values: Float32Array;
}

/** A model that computes loss, gradients and probabilities, but does not update its parameters. */
export interface OnnxModel {
  readonly arena: Arena;
  /** By PyTorch name, in the order the model declares them. */
  readonly parameters: ReadonlyMap<string, NamedParameter>;
  readonly buffers: ReadonlyMap<string, NamedBuffer>;
  /**
   * Fills the gradients, updates the buffers and returns the batch's mean binary cross-entropy, nats.
   *
   * @param step - From 0; decides what dropout drops
   */
  readonly backward: (batch: Batch, step?: number) => Promise<number>;
  /** Probabilities of label 1, shape `[size]`. */
  readonly predict: (batch: Batch) => Promise<Float32Array>;
  readonly close: () => Promise<void>;
}

/** Traces, differentiates, compiles and initialises a model. */
export async function createOnnxModel(options: OnnxModelOptions): Promise<OnnxModel> {
  const { shape, seed, threads, device = "cpu", dropout = 0 } = options;
  const runtime = await loadOnnxRuntime();
  const traced = traceModel(options);
  const arena = createArena(traced.parameters.map(({ node }) => elements(node.shape)));
  const parameters = nameParameters(arena, traced.parameters, seed);
  const tensor = (values: Float32Array, size: Shape): Tensor => new runtime.Tensor(values, size);

  const regionTensors = (region: Region, nameOf: (key: string) => string) => {
    const tensors: Record<string, Tensor> = {};
    traced.parameters.forEach(({ key, node }, index) => {
      const slot = arena.slots[index];
      if (slot) tensors[nameOf(key)] = tensor(slotValues(region, slot), node.shape);
    });
    return tensors;
  };

  const buffers = new Map<string, NamedBuffer>();
  const nextBuffers: { readonly current: Float32Array; readonly next: Float32Array }[] = [];
  const inputs = regionTensors(arena.parameters, (key) => key);
  const outputs = regionTensors(arena.gradients, gradientName);
  const outputNodes = new Map<string, Node>([["loss", traced.loss]]);
  traced.parameters.forEach(({ key }, index) => {
    const gradient = traced.gradients[index];
    if (gradient) outputNodes.set(gradientName(key), gradient);
  });
  for (const { name, shape: size, initializer, next: node } of traced.buffers) {
    const current = new Float32Array(elements(size));
    initialise(current, { name, shape: size, initializer, seed });
    buffers.set(name, { name, shape: size, values: current });
    inputs[name] = tensor(current, size);
    if (node === undefined) continue;
    const next = new Float32Array(current.length);
    nextBuffers.push({ current, next });
    outputs[`next ${name}`] = tensor(next, size);
    outputNodes.set(`next ${name}`, node);
  }

  const loss = new Float32Array(1);
  const session = {
    runtime,
    device,
    cpuSetting: "train.device: cpu",
    inputs,
  };
  // On several threads ONNX Runtime loses some of the rows that are added to one sum, as the gradients of embeddings are:
  // 4 of 100 runs on two threads differed, of 20,000 rows added to 300.
  const training = await bindSession(emitModel(outputNodes), {
    ...session,
    threads: 1,
    outputs: { ...outputs, loss: tensor(loss, []) },
  });
  const probabilities = new Float32Array(shape.batchSize);
  const scoring = await bindSession(emitModel(new Map([["probabilities", traced.probabilities]])), {
    ...session,
    threads: hasLists(shape) ? 1 : threads,
    outputs: { probabilities: tensor(probabilities, [shape.batchSize]) },
  });
  const arraysOf = batchArrays(shape);
  const masksOf = dropoutMasks(traced.dropoutMasks, { rate: dropout, seed });
  const feedsOf = tensorFeeds(runtime, [...inputSpecs(shape, fedNames), ...traced.dropoutMasks]);

  return {
    arena,
    parameters,
    buffers,
    backward: async (batch, step = 0) => {
      await training.run(feedsOf({ ...arraysOf(batch), ...masksOf(step) }));
      for (const { current, next } of nextBuffers) current.set(next);
      return loss[0] ?? Number.NaN;
    },
    predict: async (batch) => {
      const { size } = batch;
      await scoring.run(feedsOf(arraysOf(batch)));
      return probabilities.slice(0, size);
    },
    close: async () => {
      await training.close();
      await scoring.close();
    },
  };
}

/** Name of the output that holds the gradient of the parameter declared under `key`. */
function gradientName(key: string): string {
  return `gradient of ${key}`;
}
