import type { Tensor } from "onnxruntime-node";

import type { EmittedModel } from "./emit.ts";
import { createSession, type OnnxRuntime } from "./runtime.ts";

/** Tensors by the name of a model's input or output. */
export type NamedTensors = Readonly<Record<string, Tensor>>;

/** A session that always writes its outputs to the same tensors, and reads some of its inputs from the same. */
export interface BoundSession {
  /** Runs on the bound inputs and `feeds`; names that the model does not read are ignored. Blocks the thread. */
  readonly run: (feeds: NamedTensors) => Promise<void>;
  readonly close: () => Promise<void>;
}

/**
 * Compiles a model.
 *
 * @param inputs - Tensors for the inputs that stay the same from run to run
 * @param outputs - A tensor for every output
 */
export async function bindSession(
  runtime: OnnxRuntime,
  model: EmittedModel,
  threads: number,
  inputs: NamedTensors,
  outputs: NamedTensors,
): Promise<BoundSession> {
  const session = await createSession(runtime, model.bytes, threads);
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
