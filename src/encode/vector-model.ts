import path from "node:path";
import { FlowError, reasonOf } from "../errors.ts";
import { encoderFiles, type EncoderConfig } from "./encoder-folder.ts";
import { loadOnnxRuntime } from "./onnx-runtime.ts";

/** The ONNX session of an encoder folder. */
interface VectorModel {
  /** One vector a token sequence, row-major `[sequences, dimension]`. */
  readonly run: (sequences: readonly (readonly number[])[]) => Promise<Float32Array>;
  readonly close: () => Promise<void>;
}

/**
 * Opens `model.onnx` of an encoder folder: inputs `input_ids` and `attention_mask`, int64 `[B, T]`; output
 * `sentence_embedding`, float32 `[B, dimension]`.
 *
 * @param threads - that one batch is computed with
 * @throws FlowError `INPUT_INVALID` when the model cannot be loaded, `DEPENDENCY_MISSING` when the runtime cannot
 */
export async function openVectorModel(
  folder: string,
  config: EncoderConfig,
  threads: number,
): Promise<VectorModel> {
  const { InferenceSession, Tensor } = await loadOnnxRuntime();
  const file = path.join(folder, encoderFiles.model);
  const session = await InferenceSession.create(file, {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: "sequential",
    logSeverityLevel: 3,
    // Waiting threads sleep: spinning ones would take a third of the processor from whatever else runs.
    extra: { session: { intra_op: { allow_spinning: "0" } } },
  }).catch((error: unknown) => {
    throw new FlowError("INPUT_INVALID", `${file}: cannot load the model (${reasonOf(error)})`, {
      cause: error,
    });
  });

  return {
    run: async (sequences) => {
      const width = Math.max(...sequences.map((sequence) => sequence.length));
      const ids = new BigInt64Array(sequences.length * width);
      const mask = new BigInt64Array(sequences.length * width);
      sequences.forEach((sequence, row) => {
        sequence.forEach((id, column) => {
          ids[row * width + column] = BigInt(id);
        });
        mask.fill(1n, row * width, row * width + sequence.length);
      });
      const shape = [sequences.length, width];
      const output = await session.run({
        input_ids: new Tensor("int64", ids, shape),
        attention_mask: new Tensor("int64", mask, shape),
      });
      const vectors = output["sentence_embedding"]?.data;
      if (
        !(vectors instanceof Float32Array) ||
        vectors.length !== sequences.length * config.dimension
      ) {
        throw new FlowError(
          "INPUT_INVALID",
          `${file}: expected an output sentence_embedding of ${sequences.length} x ${config.dimension} floats`,
        );
      }
      return vectors;
    },
    close: () => session.release(),
  };
}
