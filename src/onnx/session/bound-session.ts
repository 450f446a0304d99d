import type { Tensor } from "onnxruntime-node";

import type { EmittedModel } from "../emit/emit.ts";
import { createSession, type OnnxRuntime } from "./runtime.ts";

/** Tensors by the name of a model's input or output. */
export type NamedTensors = Readonly<Record<string, Tensor>>;

export interface BindOptions {
  readonly runtime: OnnxRuntime;
  readonly threads: number;
  /** Execution provider. */
  readonly device: string;
  /** How a pipeline file asks for the CPU, named in errors; needed for other providers only. */
  readonly cpuSetting?: string;
  /** Tensors for the inputs that are the same in every run. */
  readonly inputs: NamedTensors;
  /** A tensor per output; absent = each run brings its own. */
  readonly outputs?: NamedTensors;
}

/** A session with fixed tensors for some inputs and, by default, for the outputs. */
export interface BoundSession {
  /**
   * Runs on the bound inputs and `feeds`; names that the model does not read are ignored. Blocks the thread.
   *
   * @param outputs - Tensors to write to, so that one session can serve many layers; default the bound ones
   */
  readonly run: (feeds: NamedTensors, outputs?: NamedTensors) => Promise<void>;
  readonly close: () => Promise<void>;
}

/**
 * Compiles a model with all of ONNX Runtime's optimisations.
 *
 * @throws FlowError `DEPENDENCY_MISSING` where the device cannot be used
 */
export async function bindSession(
  model: EmittedModel,
  { runtime, threads, device, cpuSetting, inputs, outputs: boundOutputs }: BindOptions,
): Promise<BoundSession> {
  const session = await createSession(runtime, model.bytes, {
    threads,
    providers: [device],
    ...(cpuSetting !== undefined && { cpuSetting }),
    graphOptimizationLevel: "all",
  });
  const bound: Record<string, Tensor> = {};
  for (const name of model.inputNames) {
    const tensor = inputs[name];
    if (tensor !== undefined) bound[name] = tensor;
  }
  const fed = model.inputNames.filter((name) => !(name in bound));
  return {
    run: async (feeds, outputs = boundOutputs) => {
      if (outputs === undefined) throw new Error("internal: the model's outputs have no tensors");
      for (const name of fed) {
        const tensor = feeds[name];
        if (tensor === undefined)
          throw new Error(`internal: the model's input "${name}" is not fed`);
        bound[name] = tensor;
      }
      await session.run(bound, outputs);
    },
    close: () => session.release(),
  };
}
