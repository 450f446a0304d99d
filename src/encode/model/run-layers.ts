/** @file The modules of sentence-transformers that follow pooling, over vectors of texts. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { elements } from "../../base/element-count.ts";
import { FlowError } from "../../base/errors.ts";
import { decodeSafetensors } from "../../optim/safetensors.ts";
import type { Activation, DenseLayer, SentenceLayer } from "../folder/sentence-layers.ts";

/** Vectors of texts, row-major `[B, dimension]`. */
export interface TextVectors {
  readonly vectors: Float32Array;
  readonly dimension: number;
}

/** From pooled vectors to those of texts, not scaled. */
export type LayerRun = (pooled: TextVectors) => TextVectors;

type Row = (x: Float32Array, target: Float32Array) => void;

/** One step over each vector. */
interface Step {
  /** Numbers it reads; null: any. */
  readonly inputs: number | null;
  /** Numbers it gives; null: as many as it reads. */
  readonly outputs: number | null;
  readonly name: string;
  readonly run: Row;
}

/**
 * Loads layers with their weights.
 *
 * @param folder - The encoder's
 * @throws FlowError `INPUT_INVALID` naming the file of weights that cannot be used; the returned function throws one where vectors do not
 *   have as many numbers as a layer reads
 */
export async function openLayers(
  folder: string,
  layers: readonly SentenceLayer[],
): Promise<LayerRun> {
  const steps = await Promise.all(layers.map((layer) => openStep(folder, layer)));
  return (pooled) => steps.reduce(applied, pooled);
}

function applied(
  { vectors, dimension }: TextVectors,
  { inputs, outputs, name, run }: Step,
): TextVectors {
  if (inputs !== null && inputs !== dimension) {
    throw new FlowError(
      "INPUT_INVALID",
      `${name}: reads vectors of ${inputs} numbers, those before it have ${dimension}: leave encode.pooling to the encoder, or get all ` +
        "files of one model",
    );
  }
  const width = outputs ?? dimension;
  const rows = vectors.length / dimension;
  const next = new Float32Array(rows * width);
  for (let row = 0; row < rows; row++) {
    run(
      vectors.subarray(row * dimension, (row + 1) * dimension),
      next.subarray(row * width, (row + 1) * width),
    );
  }
  return { vectors: next, dimension: width };
}

async function openStep(folder: string, layer: SentenceLayer): Promise<Step> {
  if (layer.kind === "normalize") {
    return { inputs: null, outputs: null, name: "Normalize", run: normalize };
  }
  const file = path.join(folder, layer.weights);
  const { tensors } = decodeSafetensors(await readFile(file), file);
  const weight = (name: string, ...shape: readonly number[]): Float32Array => {
    const found = tensors.find((tensor) => tensor.name === name);
    if (found?.values.length === elements(shape)) return found.values;
    throw new FlowError(
      "INPUT_INVALID",
      `${file}: expected ${name} of [${shape.join(", ")}], ` +
        `${found === undefined ? "it is not there" : `it is [${found.shape.join(", ")}]`}; get all files of one model`,
    );
  };
  if (layer.kind === "layerNorm") {
    const { size } = layer;
    const run = layerNorm(weight("norm.weight", size), weight("norm.bias", size));
    return { inputs: size, outputs: size, name: file, run };
  }
  return { inputs: layer.inputs, outputs: layer.outputs, name: file, run: dense(layer, weight) };
}

/** Scales to unit length as torch does: by the length or, where it is smaller, 1e-12. */
function normalize(x: Float32Array, target: Float32Array): void {
  const length = Math.max(Math.sqrt(x.reduce((sum, value) => sum + value * value, 0)), 1e-12);
  x.forEach((value, i) => {
    target[i] = value / length;
  });
}

function layerNorm(scale: Float32Array, bias: Float32Array): Row {
  const epsilon = 1e-5; // torch's default, which the module keeps
  return (x, target) => {
    const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
    const variance = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.length;
    const deviation = Math.sqrt(variance + epsilon);
    x.forEach((value, i) => {
      target[i] = ((value - mean) / deviation) * (scale[i] ?? 0) + (bias[i] ?? 0);
    });
  };
}

function dense(
  { inputs, outputs, hasBias, activation, isResidual }: DenseLayer,
  weight: (name: string, ...shape: readonly number[]) => Float32Array,
): Row {
  const kernel = weight("linear.weight", outputs, inputs);
  const bias = hasBias ? weight("linear.bias", outputs) : null;
  const passed =
    isResidual && inputs !== outputs ? weight("residual.weight", outputs, inputs) : null;
  const activate = activations[activation];
  return (x, target) => {
    for (let row = 0; row < outputs; row++) {
      const value = activate(product(kernel, row, x) + (bias?.[row] ?? 0));
      const residual = passed === null ? (x[row] ?? 0) : product(passed, row, x);
      target[row] = isResidual ? value + residual : value;
    }
  };
}

/** Row of a matrix `[rows, x.length]` times `x`. */
function product(matrix: Float32Array, row: number, x: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += (matrix[row * x.length + i] ?? 0) * (x[i] ?? 0);
  return sum;
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const activations: Readonly<Record<Activation, (x: number) => number>> = {
  identity: (x) => x,
  tanh: Math.tanh,
  relu: (x) => Math.max(0, x),
  sigmoid,
  silu: (x) => x * sigmoid(x),
};
