import type { Tensor } from "@tensorflow/tfjs-core";

import type { Shape } from "../../autodiff/ops.ts";
import type { Engine, EngineRequest } from "../engine/engine.ts";
import { dropoutMasks } from "../engine/dropout-masks.ts";
import { batchArrays } from "../engine/batch-arrays.ts";
import { fedNames, inputSpecs } from "../engine/model-inputs.ts";
import { fedShape, type InputArrays } from "../../onnx/session/tensor-feeds.ts";
import { checkSize, modelTensors, startValues, totalElements } from "../engine/model-tensors.ts";
import { elements } from "../../base/element-count.ts";
import { traceModel } from "../engine/traced-model.ts";
import { modelDefinition } from "../engine/model-definition.ts";
import { loadTfjs } from "./load-tfjs.ts";
import { compileGraph, type GraphProgram } from "./run-graph.ts";
import { packTensors, unpackTensors } from "./tensor-packing.ts";
import { createTfjsAdam } from "./tfjs-adam.ts";

/**
 * Creates an engine on TensorFlow.js, for GPUs: its kernels compute the model's graph, gradients included, and AdamW.
 *
 * The devices are `auto`, `node-gpu`, `node`, `webgpu`, `wasm` and `cpu`; their packages must be installed next to r4ec.
 * `threads` is ignored: backends choose their own. On `wasm` and `cpu`, equal seeds and batches give bit-identical parameters.
 *
 * @throws FlowError `DEPENDENCY_MISSING` with what to install, `CONFIG_INVALID` for an unknown device or if the connector does
 *   not fit the vectors
 */
export async function createTfjsEngine(request: EngineRequest): Promise<Engine> {
  const { shape, seed, optimizer, dropout = 0 } = request;
  const traced = traceModel(modelDefinition(request));
  const loaded = await loadTfjs(request.device);
  const { tf, backend } = loaded;

  /** Runs synchronous `work` on this engine's backend: all engines of a thread share one active backend. */
  async function onDevice<T>(work: () => T): Promise<T> {
    // Switching to a backend that has started takes effect at once; the promise is for starting one.
    const switched = tf.getBackend() === backend ? true : tf.setBackend(backend);
    const result = work();
    await switched;
    return result;
  }

  const tensors = modelTensors(traced);
  const members = traced.parameters.map(({ key, node }) => ({ name: key, shape: node.shape }));
  const parameterCount = totalElements(members);
  const start = startValues(tensors, seed);
  const parameters = tf.tidy(() => tf.variable(tf.tensor1d(start.slice(0, parameterCount))));
  const adam = createTfjsAdam(tf, parameters, optimizer);
  const buffers = start.slice(parameterCount); // few numbers: read back with the loss
  const bufferArrays = namedParts(buffers, traced.buffers);

  const training = compileGraph(loaded, [
    traced.loss,
    ...traced.buffers.map(({ node, next }) => next ?? node),
    ...traced.gradients,
  ]);
  const scoring = compileGraph(loaded, [traced.probabilities]);
  const arraysOf = batchArrays(shape);
  const masksOf = dropoutMasks(traced.dropoutMasks, { rate: dropout, seed });
  const inputs = [...inputSpecs(shape, fedNames), ...traced.dropoutMasks, ...traced.buffers];

  function run({ inputNames, run: compute }: GraphProgram, arrays: InputArrays): readonly Tensor[] {
    const feeds: Record<string, Tensor> = { ...unpackTensors(tf, parameters, members) };
    for (const spec of inputs) {
      const { name } = spec;
      const values = arrays[name] ?? bufferArrays[name];
      if (values === undefined || !inputNames.has(name)) continue;
      const type = values instanceof Float32Array ? "float32" : "int32";
      feeds[name] = tf.tensor(values, [...fedShape(spec, values.length)], type);
    }
    return compute(feeds);
  }

  return {
    parameterCount,
    tensors: tensors.map(({ name, shape: sizes, kind }) => ({ name, shape: sizes, kind })),
    step: async (batch, learningRate) => {
      const arrays = { ...arraysOf(batch), ...masksOf(adam.steps()) };
      const results = await onDevice(() =>
        tf.tidy(() => {
          const outputs = run(training, arrays);
          const read = outputs.length - traced.gradients.length;
          adam.update(packTensors(tf, outputs.slice(read)), learningRate);
          return packTensors(tf, outputs.slice(0, read));
        }),
      );
      const values = await fetchOnce(results);
      buffers.set(values.subarray(1));
      return values[0] ?? Number.NaN;
    },
    predict: async (batch) => {
      const { size: rows } = batch;
      const arrays = arraysOf(batch);
      const probabilities = await onDevice(() =>
        tf.tidy(() => packTensors(tf, run(scoring, arrays))),
      );
      return (await fetchOnce(probabilities)).slice(0, rows);
    },
    snapshot: async () => {
      const copy = new Float32Array(start.length);
      copy.set(await parameters.data<"float32">());
      copy.set(buffers, parameterCount);
      return copy;
    },
    restore: async (values) => {
      checkSize("numbers of the model", values, start.length);
      await onDevice(() => {
        tf.tidy(() => {
          parameters.assign(tf.tensor1d(values.slice(0, parameterCount)));
        });
      });
      buffers.set(values.subarray(parameterCount));
    },
    optimizerState: adam.state,
    restoreOptimizer: async (state) => {
      checkSize("first moments", state.firstMoments, parameterCount);
      checkSize("second moments", state.secondMoments, parameterCount);
      await onDevice(() => {
        adam.restore(state);
      });
    },
    close: () =>
      onDevice(() => {
        training.close();
        scoring.close();
        adam.close();
        parameters.dispose();
      }),
  };
}

/** Reads a tensor's numbers and disposes of it. */
async function fetchOnce(tensor: Tensor): Promise<Float32Array> {
  const values = await tensor.data<"float32">();
  tensor.dispose();
  return values;
}

/** Views of the tensors in an array that holds them concatenated, by name. */
function namedParts(
  values: Float32Array,
  tensors: readonly { readonly name: string; readonly shape: Shape }[],
): Readonly<Record<string, Float32Array>> {
  const parts: Record<string, Float32Array> = {};
  let offset = 0;
  for (const { name, shape } of tensors) {
    const end = offset + elements(shape);
    parts[name] = values.subarray(offset, end);
    offset = end;
  }
  return parts;
}
