import type { InferenceSession } from "onnxruntime-node";
import { FlowError, reasonOf } from "../../base/errors.ts";
import type { Provider } from "../../onnx/session/providers.ts";
import { createSession, loadOnnxRuntime } from "../../onnx/session/runtime.ts";
import type { EncoderCard } from "../folder/encoder-card.ts";
import { modelInputs } from "./model-inputs.ts";
import { poolTokens } from "./pool-tokens.ts";

/** The ONNX session of an encoder. */
export interface VectorModel {
  /** Vector dimension. */
  readonly dimension: number;
  /** One vector per token sequence, row-major `[sequences, dimension]`, pooled but not scaled. */
  readonly run: (sequences: readonly (readonly number[])[]) => Promise<Float32Array>;
  readonly close: () => Promise<void>;
}

export interface VectorModelOptions {
  /** The model file. */
  readonly file: string;
  readonly card: EncoderCard;
  /** Threads per batch. */
  readonly threads: number;
  /** Execution providers in order of preference; default the CPU. */
  readonly providers?: readonly Provider[];
  /** Tokens of a minimal sequence, to test the model with. */
  readonly probe: readonly number[];
}

/**
 * Opens an encoder's model and encodes a minimal text, so that an unusable model is refused before any work.
 *
 * @throws FlowError `INPUT_INVALID` when the model cannot be loaded or is no text encoder, `DEPENDENCY_MISSING` when the runtime or a
 *   provider is not there
 */
export async function openVectorModel(options: VectorModelOptions): Promise<VectorModel> {
  const { file, card, probe } = options;
  const session = await openSession(options);
  try {
    const run = await modelRun(session, file, card);
    const { length: dimension } = await run([probe]);
    if (card.dimension !== null && card.dimension !== dimension) {
      throw new FlowError(
        "INPUT_INVALID",
        `${file}: the model gives ${dimension} numbers per vector, encoder ${card.name} has ${card.dimension}: the folder holds another ` +
          "model's files; get the encoder's own, or name another output with encode.output",
      );
    }
    return { dimension, run, close: () => session.release() };
  } catch (error) {
    await session.release();
    throw error;
  }
}

async function openSession(options: VectorModelOptions): Promise<InferenceSession> {
  const { file, threads, providers } = options;
  return createSession(await loadOnnxRuntime(), file, {
    threads,
    ...(providers && { providers }),
    cpuSetting: "encode.providers: [cpu]",
    logSeverityLevel: 3,
    // Waiting threads sleep: spinning would take a third of the processor from everything else.
    extra: { session: { intra_op: { allow_spinning: "0" } } },
  }).catch((error: unknown) => {
    if (error instanceof FlowError) throw error;
    throw new FlowError("INPUT_INVALID", `${file}: cannot load the model (${reasonOf(error)})`, {
      cause: error,
    });
  });
}

async function modelRun(
  session: InferenceSession,
  file: string,
  card: EncoderCard,
): Promise<VectorModel["run"]> {
  const { Tensor } = await loadOnnxRuntime();
  const inputs = modelInputs(session.inputMetadata, card, file);
  const output = card.outputs.find((name) => session.outputNames.includes(name));
  if (output === undefined) {
    throw new FlowError(
      "INPUT_INVALID",
      `${file}: the model has none of the outputs ${card.outputs.join(", ")}, it gives ${session.outputNames.join(", ")}; ` +
        "name one with encode.output, or export the model for the task feature-extraction",
    );
  }
  return async (sequences) => {
    const fed = Object.entries(inputs(sequences)).map(
      ([name, { type, data, dims }]) => [name, new Tensor(type, data, [...dims])] as const,
    );
    const outputs = await session.run(Object.fromEntries(fed), [output]).catch((error: unknown) => {
      throw runFailure(file, error);
    });
    const { data, dims } = outputs[output] ?? { data: null, dims: [] };
    const [batch, ...rest] = dims;
    if (!(data instanceof Float32Array) || batch !== sequences.length || rest.length > 2) {
      throw new FlowError(
        "INPUT_INVALID",
        `${file}: expected the output ${output} to be float32 [${sequences.length}, numbers] or [${sequences.length}, tokens, numbers], ` +
          `got [${dims.join(", ")}]`,
      );
    }
    const [width, dimension] = rest;
    if (width === undefined || dimension === undefined) return data;
    const lengths = sequences.map(({ length }) => length);
    return poolTokens(data, { lengths, width, dimension, pooling: card.pooling });
  };
}

/** Explains a failed batch to the user. */
function runFailure(file: string, error: unknown): FlowError {
  const reason = reasonOf(error);
  const cure = /out of data bounds|out of bounds|indices element/i.test(reason)
    ? "tokens have numbers the model has no embedding for: tokenizer.json belongs to another model"
    : /alloc/i.test(reason)
      ? "the batch does not fit the memory: lower encode.maxTokens or encode.batchTokens"
      : "the model cannot be run";
  return new FlowError("INPUT_INVALID", `${file}: ${cure} (${reason})`, { cause: error });
}
