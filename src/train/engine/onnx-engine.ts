import { checkDevice } from "./devices.ts";
import type { Engine, EngineRequest } from "./engine.ts";
import { checkSize, totalElements } from "./model-tensors.ts";
import { modelDefinition } from "./model-definition.ts";
import { createAdam } from "../../optim/adam.ts";
import { packRegion, unpackRegion } from "./named-parameters.ts";
import { createOnnxModel } from "./onnx-model.ts";

/**
 * Creates an engine for CPUs: ONNX Runtime computes loss and gradients in one graph, a WebAssembly kernel applies AdamW.
 *
 * Its devices are ONNX Runtime's execution providers: `cpu` (also `auto`), `cuda` and `webgpu`.
 *
 * @throws FlowError `DEPENDENCY_MISSING` without onnxruntime-node or what the device needs, `CONFIG_INVALID` for an unknown device or
 *   if the connector does not fit the vectors
 */
export async function createOnnxEngine(request: EngineRequest): Promise<Engine> {
  const { seed, threads, device = "auto", optimizer } = request;
  checkDevice("onnx", device);
  const model = await createOnnxModel({
    ...modelDefinition(request),
    seed,
    threads,
    device: device === "auto" ? "cpu" : device,
  });
  const { arena } = model;
  const adam = createAdam(arena, optimizer);
  const parameters = [...model.parameters.values()];
  const parameterCount = totalElements(parameters);
  const buffers = [...model.buffers.values()];
  const size = parameterCount + totalElements(buffers);

  return {
    parameterCount,
    tensors: [
      ...parameters.map(({ name, shape }) => ({ name, shape, kind: "parameter" as const })),
      ...buffers.map(({ name, shape }) => ({ name, shape, kind: "buffer" as const })),
    ],
    step: async (batch, learningRate) => {
      const loss = await model.backward(batch, adam.steps());
      adam.update(learningRate);
      return loss;
    },
    predict: model.predict,
    snapshot: settled(() => {
      const copy = new Float32Array(size);
      copy.set(packRegion(arena.parameters, parameters));
      let offset = parameterCount;
      for (const { values } of buffers) {
        copy.set(values, offset);
        offset += values.length;
      }
      return copy;
    }),
    restore: settled((copy) => {
      checkSize("numbers of the model", copy, size);
      unpackRegion(arena.parameters, parameters, copy);
      let offset = parameterCount;
      for (const { values } of buffers) {
        values.set(copy.subarray(offset, offset + values.length));
        offset += values.length;
      }
    }),
    optimizerState: settled(() => ({
      steps: adam.steps(),
      firstMoments: packRegion(arena.firstMoments, parameters),
      secondMoments: packRegion(arena.secondMoments, parameters),
    })),
    restoreOptimizer: settled(({ steps, firstMoments, secondMoments }) => {
      checkSize("first moments", firstMoments, parameterCount);
      checkSize("second moments", secondMoments, parameterCount);
      unpackRegion(arena.firstMoments, parameters, firstMoments);
      unpackRegion(arena.secondMoments, parameters, secondMoments);
      adam.restore(steps);
    }),
    close: model.close,
  };
}

/** Turns a function's result or error into a promise: other engines must wait for their device. */
function settled<A extends readonly unknown[], R>(work: (...args: A) => R) {
  return (...args: A): Promise<R> =>
    new Promise((resolve) => {
      resolve(work(...args));
    });
}
