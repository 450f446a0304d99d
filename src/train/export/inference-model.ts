/** @file A trained model as one self-contained ONNX file: its parameters inside, for any batch size. */
import { onnxModelWriter } from "../../onnx/format/model-writer.ts";
import type { Shape } from "../../autodiff/ops.ts";
import type { InputSpec } from "../engine/model-inputs.ts";
import { traceScoring, type ScoringGraph } from "../engine/scoring-graph.ts";
import { elements } from "../../base/element-count.ts";
import { symbolicShapes, tracedBatchSizes } from "../../autodiff/symbolic-batch.ts";
import type { ModelDefinition } from "../engine/model-definition.ts";
import { emitGraph } from "../../onnx/emit/emit.ts";
import { servingInputs } from "./serving-inputs.ts";

export interface InferenceModelOptions extends Pick<
  ModelDefinition,
  "backbone" | "connector" | "shape"
> {
  /** The model's parameters and buffers by PyTorch name. */
  readonly tensors: ReadonlyMap<string, Float32Array>;
}

/** An ONNX model of standard operators with one output, `probabilities`, float32 `[batch]`. */
export interface InferenceModel {
  readonly bytes: Uint8Array;
  /** What it must be fed; the first size, -1, is the batch. */
  readonly inputs: readonly InputSpec[];
  /** Whether a row's probability depends on the other rows of its batch, as in some models' reference form. */
  readonly looksAcrossRows: boolean;
}

/** Name of the only output. */
export const outputName = "probabilities";

/** Writes a trained model for scoring. `shape.batchSize` does not matter. */
export function inferenceModel({ tensors, ...definition }: InferenceModelOptions): InferenceModel {
  const [scoring, twin] = tracedBatchSizes.map((batchSize) =>
    traceScoring({ ...definition, shape: { ...definition.shape, batchSize } }),
  );
  if (scoring === undefined || twin === undefined) throw new Error("internal: no trace");
  const shapes = symbolicShapes(scoring.probabilities, twin.probabilities);
  const constants = constantsOf(scoring, tensors);
  const writer = onnxModelWriter("r4ec");
  const inputs = servingInputs(writer, definition.shape);
  emitGraph(writer, new Map([[outputName, scoring.probabilities]]), {
    isPortable: true,
    shapeOf: (node) => shapes.get(node) ?? node.shape,
    writeSource: (name, { shape }) => {
      const constant = constants.get(name);
      if (constant === undefined) inputs.define(name);
      else writer.initializer(name, "float32", shape, constant);
    },
  });
  return {
    bytes: writer.bytes(),
    inputs: inputs.fed(),
    looksAcrossRows: inputs.isDefined("rowWeights"),
  };
}

/** Parameters and buffers by node name. */
function constantsOf(
  { parameters, buffers }: ScoringGraph,
  tensors: ReadonlyMap<string, Float32Array>,
): ReadonlyMap<string, Float32Array> {
  const valuesOf = (name: string, shape: Shape): Float32Array => {
    const values = tensors.get(name);
    if (values?.length === elements(shape)) return values;
    throw new Error(
      `internal: "${name}" needs ${elements(shape)} numbers, got ${values?.length ?? "none"}`,
    );
  };
  return new Map([
    ...parameters.map(({ key, node, names, shape }) => {
      const stacked = new Float32Array(elements(node.shape));
      names.forEach((name, place) => {
        stacked.set(valuesOf(name, shape), place * elements(shape));
      });
      return [key, stacked] as const;
    }),
    ...buffers.map(({ name, shape }) => [name, valuesOf(name, shape)] as const),
  ]);
}
