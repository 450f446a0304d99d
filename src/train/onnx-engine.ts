import { backbones, type BackboneName, type ModelVariant } from "../models/backbones.ts";
import { connectors, type ConnectorName } from "../models/connectors.ts";
import type { Engine, ModelShape } from "./engine.ts";
import { createAdam, type AdamOptions } from "./onnx/adam.ts";
import { createOnnxModel } from "./onnx/onnx-model.ts";

export interface OnnxEngineOptions {
  readonly backbone: BackboneName;
  /** Only used if `shape.knowledge` is given; default "mlp". */
  readonly connector?: ConnectorName;
  /** Default "corrected". */
  readonly variant?: ModelVariant;
  readonly shape: ModelShape;
  /** Of the start values. With one thread, equal seeds and batches give equal parameters, bit for bit. */
  readonly seed: number;
  /** Threads of each operation. */
  readonly threads: number;
  readonly optimizer?: AdamOptions;
}

/**
 * An engine for CPUs: ONNX Runtime computes loss and gradients in one graph, a WebAssembly kernel applies AdamW.
 *
 * @throws FlowError `DEPENDENCY_MISSING` without onnxruntime-node, `CONFIG_INVALID` if the connector does not fit the vectors
 */
export async function createOnnxEngine({
  backbone,
  connector = "mlp",
  variant = "corrected",
  shape,
  seed,
  threads,
  optimizer,
}: OnnxEngineOptions): Promise<Engine> {
  const model = await createOnnxModel({
    backbone: backbones[backbone](variant),
    connector: connectors[connector](),
    shape,
    seed,
    threads,
  });
  const update = createAdam(model.arena, optimizer);
  const parameters = [...model.parameters.values()];
  const parameterCount = parameters.reduce((total, { values }) => total + values.length, 0);

  return {
    parameterCount,
    step: async (batch, learningRate) => {
      const loss = await model.backward(batch);
      update(learningRate);
      return loss;
    },
    predict: model.predict,
    snapshot: () => {
      const copy = new Float32Array(parameterCount);
      let offset = 0;
      for (const { values } of parameters) {
        copy.set(values, offset);
        offset += values.length;
      }
      return copy;
    },
    restore: (copy) => {
      if (copy.length !== parameterCount) {
        throw new RangeError(`Expected ${parameterCount} parameters, got ${copy.length}`);
      }
      let offset = 0;
      for (const { values } of parameters) {
        values.set(copy.subarray(offset, offset + values.length));
        offset += values.length;
      }
    },
    close: model.close,
  };
}
