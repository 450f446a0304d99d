/** @file How much memory training a model takes, known before anything is made. */
import { peakBytes } from "../../autodiff/peak-bytes.ts";
import { elements } from "../../base/element-count.ts";
import type { MemoryNeed } from "../../base/memory-budget.ts";
import type { EngineRequest, ModelShape } from "./engine.ts";
import { modelDefinition } from "./model-definition.ts";
import { totalElements } from "./model-tensors.ts";
import { fedNames, inputSpecs } from "./model-inputs.ts";
import { traceModel } from "./traced-model.ts";

/** ONNX Runtime takes memory in pieces, each twice as large as the one before. */
const sessionSpare = 2;
/** Values, gradients and two moments of each parameter; the best epoch's values; a checkpoint. */
const copiesOfParameters = 6;

/**
 * What the engine for this request needs, without the 50 to 70 MiB of a loaded ONNX Runtime. Lists of attribute values count as those
 * of an average batch, where the shape says how many an item has.
 */
export function modelNeed(request: EngineRequest): MemoryNeed {
  return {
    what: "the model and its steps",
    bytes: modelBytes(request),
    cure: (free) => smallerModel(request, free),
  };
}

function modelBytes(request: EngineRequest): number {
  const { shape } = request;
  const { parameters, buffers, gradients, loss, probabilities } = traceModel(
    modelDefinition(request),
  );
  const nextBuffers = buffers.flatMap(({ next }) => next ?? []);
  const steps = peakBytes([loss, ...gradients, ...nextBuffers]) + peakBytes([probabilities]);
  const trained = totalElements(parameters.map(({ node }) => node));
  const fed = inputSpecs(shape, fedNames).reduce((sum, spec) => sum + elements(spec.shape), 0);
  const ofSteps = isOnCpu(request) ? sessionSpare * steps : 0;
  return ofSteps + 4 * (copiesOfParameters * trained + fed);
}

/** Whether the steps' tensors are surely in the machine's own memory, not in a GPU's. */
function isOnCpu({ engine = "onnx", device = "auto" }: EngineRequest): boolean {
  return device === "cpu" || (engine === "onnx" && device === "auto");
}

/** The first setting, halved again and again, with which the model needs no more than `free` bytes. */
function smallerModel(request: EngineRequest, free: number): string | null {
  const { shape } = request;
  const shrunk: Readonly<Record<string, readonly [number, (to: number) => Partial<ModelShape>]>> = {
    "train.maxAttributeValues": [
      Math.max(...shape.attributeSlots),
      (most) => ({ attributeSlots: shape.attributeSlots.map((slots) => Math.min(slots, most)) }),
    ],
    "train.batchSize": [shape.batchSize, (batchSize) => ({ batchSize })],
    "train.embeddingDim": [shape.embeddingDim, (embeddingDim) => ({ embeddingDim })],
  };
  for (const [setting, [now, changes]] of Object.entries(shrunk)) {
    for (let value = Math.floor(now / 2); value >= 1; value = Math.floor(value / 2)) {
      const smaller = { ...request, shape: { ...shape, ...changes(value) } };
      if (modelBytes(smaller) <= free) return `${setting}: ${value}`;
    }
  }
  return null;
}
