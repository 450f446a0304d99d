import type { InferenceSession } from "onnxruntime-node";
import { FlowError, reasonOf } from "../../base/errors.ts";
import type { Provider } from "../../onnx/session/providers.ts";
import { createSession, loadOnnxRuntime } from "../../onnx/session/runtime.ts";
import type { EncoderCard } from "../folder/encoder-card.ts";
import type { Sequence } from "../text/text-cutter.ts";
import { modelInputs } from "./model-inputs.ts";
import { outputFloats } from "./output-floats.ts";
import { poolTokens } from "./pool-tokens.ts";
import { openLayers, type LayerRun, type TextVectors } from "./run-layers.ts";

/** The ONNX session of an encoder. */
export interface VectorModel {
  /** Vector dimension. */
  readonly dimension: number;
  /** One vector per token sequence, row-major `[sequences, dimension]`, pooled but not scaled. */
  readonly run: (sequences: readonly Sequence[]) => Promise<Float32Array>;
  readonly close: () => Promise<void>;
}

export interface VectorModelOptions {
  /** The model file. */
  readonly file: string;
  /** The encoder's folder. */
  readonly folder: string;
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
  const { file, folder, card, probe } = options;
  const layers = await openLayers(folder, card.layers);
  const session = await openSession(options);
  try {
    const vectors = await modelRun(session, file, card, layers);
    const { dimension } = await vectors([{ ids: probe, unpooled: 0 }]);
    const run: VectorModel["run"] = async (sequences) => (await vectors(sequences)).vectors;
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
  layers: LayerRun,
): Promise<(sequences: readonly Sequence[]) => Promise<TextVectors>> {
  const { Tensor } = await loadOnnxRuntime();
  const inputs = modelInputs(session.inputMetadata, card, file);
  const output = outputOf(session.outputNames, card, file);
  return async (sequences) => {
    const fed = Object.entries(inputs(sequences.map(({ ids }) => ids))).map(
      ([name, { type, data, dims }]) => [name, new Tensor(type, data, [...dims])] as const,
    );
    const outputs = await session.run(Object.fromEntries(fed), [output]).catch((error: unknown) => {
      throw runFailure(file, error);
    });
    const given = outputs[output];
    const dims = given?.dims ?? [];
    const vectors = given === undefined ? null : outputFloats(given);
    const [batch, width = 0, dimension] = dims;
    if (vectors === null || batch !== sequences.length || dims.length < 2 || dims.length > 3) {
      throw new FlowError(
        "INPUT_INVALID",
        `${file}: expected the output ${output} to be float32 or float16 [${sequences.length}, numbers] or ` +
          `[${sequences.length}, tokens, numbers], got ${given?.type ?? "nothing"} [${dims.join(", ")}]: name another output with ` +
          "encode.output, or export the model with float32 outputs",
      );
    }
    const skipped = sequences.map(({ unpooled }) => unpooled);
    if (dimension === undefined) {
      refuseUndone(
        file,
        { output, dimension: width, isPromptPooled: skipped.every((n) => n === 0) },
        card,
      );
      return { vectors, dimension: width };
    }
    const lengths = sequences.map(({ ids }) => ids.length);
    const { poolings } = card;
    return layers({
      vectors: poolTokens(vectors, { lengths, skipped, width, dimension, poolings }),
      dimension: dimension * poolings.length,
    });
  };
}

function outputOf(given: readonly string[], card: EncoderCard, file: string): string {
  const { outputs, isPoolingSaid } = card;
  // Its own pooler is another pooling than the one that is wanted.
  const isUsable = (name: string): boolean =>
    given.includes(name) && !(isPoolingSaid && outputs.length > 1 && name === "pooler_output");
  const output = outputs.find(isUsable);
  if (output !== undefined) return output;
  throw new FlowError(
    "INPUT_INVALID",
    `${file}: the model has none of the outputs ${outputs.join(", ")}, it gives ${given.join(", ")}; ` +
      "name one with encode.output, or export the model for the task feature-extraction",
  );
}

/** Refuses vectors that the model pooled itself where the folder asks for more than the model has done. */
function refuseUndone(
  file: string,
  {
    output,
    dimension,
    isPromptPooled,
  }: {
    readonly output: string;
    readonly dimension: number;
    readonly isPromptPooled: boolean;
  },
  { layers, listedDimension }: EncoderCard,
): void {
  const undone =
    layers.length > 0 || (listedDimension ?? dimension) !== dimension
      ? `modules.json has modules after pooling that it does not contain (${dimension} numbers, ${listedDimension ?? "as many"} expected)`
      : isPromptPooled
        ? null
        : "the folder leaves the prompt out of pooling, which the model does not";
  if (undone === null) return;
  throw new FlowError(
    "INPUT_INVALID",
    `${file}: the output ${output} is pooled by the model, and ${undone}: name an output of token vectors with encode.output, or export ` +
      "the model with all its modules",
  );
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
