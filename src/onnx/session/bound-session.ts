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
  /** Tensors for the inputs that stay the same from run to run. */
  readonly inputs: NamedTensors;
  /** A tensor for every output. */
  readonly outputs: NamedTensors;
}

/** A session that always writes its outputs to the same tensors, and reads some of its inputs from the same. */
export interface BoundSession {
  /** Runs on the bound inputs and `feeds`; names that the model does not read are ignored. Blocks the thread. */
  readonly run: (feeds: NamedTensors) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Compiles a model. */
export async function bindSession(
  model: EmittedModel,
  { runtime, threads, device, inputs, outputs }: BindOptions,
): Promise<BoundSession> {
  const session = await createSession(runtime, model.bytes, { threads, device });
  const bound: Record<string, Tensor> = {};
  for (const name of model.inputNames) {
    const tensor = inputs[name];
    if (tensor !== undefined) bound[name] = tensor;
  }
  const fed = model.inputNames.filter((name) => !(name in bound));
  return {
    run: async (feeds) => {
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
