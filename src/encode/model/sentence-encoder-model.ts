/**
 * @file The ONNX graph of the bundled sentence encoder, a two-layer transformer with pooled output.
 * Reference: Cer et al., "Universal Sentence Encoder", 2018. https://arxiv.org/abs/1803.11175
 */
import {
  onnxModelWriter,
  type OnnxAttribute,
  type OnnxType,
} from "../../onnx/format/model-writer.ts";
import type { TfjsWeight } from "./tfjs-weights.ts";

/** Width of the encoder's vectors. */
export const sentenceEncoderDimension = 512;
/** The original graph drops every token after this many. */
export const sentenceEncoderMaxTokens = 128;

const float32 = 1; // TensorProto.DataType
const int32 = 6;
const hiddenLayers = [0, 1] as const;

type Graph = ReturnType<typeof graphOver>;

/**
 * The encoder as an ONNX model file.
 *
 * Shapes: `B` = texts, `T` = tokens of the longest one. Inputs `input_ids` and `attention_mask`, int64 `[B, T]`;
 * output `sentence_embedding`, float32 `[B, 512]`, rows of unit length.
 *
 * @param weights - of the TensorFlow.js graph the encoder is published as
 */
export function sentenceEncoderModel(weights: readonly TfjsWeight[]): Uint8Array {
  const graph = graphOver(weights);
  const { model, op, int64, scalar } = graph;
  for (const input of ["input_ids", "attention_mask"]) model.input(input, "int64", ["B", "T"]);

  const isToken = op("Cast", ["attention_mask"], { to: float32 });
  const tokenMask = op("Unsqueeze", [isToken, int64(2)]); // [B, T, 1]
  const keyMask = op("Cast", ["attention_mask"], { to: int32 });

  let x = op("Mul", [embedTokens(graph), tokenMask]);
  for (const layer of hiddenLayers) x = transformerLayer(graph, layer, x, tokenMask, keyMask);

  const sum = op("ReduceSum", [op("Mul", [x, tokenMask]), int64(1)], { keepdims: 0 });
  const tokens = op("ReduceSum", [isToken, int64(1)], { keepdims: 1 });
  const mean = op("Div", [sum, op("Max", [tokens, scalar(1)])]);
  const dense = graph.linear(mean, "tanh_layer_0/weights", "tanh_layer_0/bias");
  const vector = op("Tanh", [dense]);
  const length = op("ReduceL2", [vector], { axes: [1], keepdims: 1 });
  model.node("Div", [vector, length], ["sentence_embedding"]);
  model.output("sentence_embedding", "float32", ["B", sentenceEncoderDimension]);
  return model.bytes();
}

/** Twice the token's embedding plus sine and cosine of its position; `[B, T, 256]`. */
function embedTokens({ op, int64, index, weight }: Graph): string {
  const embedding = op("Gather", [weight("module/Embeddings_en"), "input_ids"]);
  const length = op("Gather", [op("Shape", ["input_ids"]), index(1)]);
  const position = op("Cast", [op("Range", [index(0), length, index(1)])], { to: float32 });
  const frequencies = weight("TimingSignal/ExpandDims_1"); // [1, 128]
  const angle = op("MatMul", [op("Unsqueeze", [position, int64(1)]), frequencies]);
  const timing = op("Concat", [op("Sin", [angle]), op("Cos", [angle])], { axis: 1 });
  return op("Add", [op("Add", [embedding, embedding]), timing]);
}

/** Self-attention and a feed-forward block, each on a normalised copy of its input; `[B, T, 512]`. */
function transformerLayer(
  graph: Graph,
  layer: (typeof hiddenLayers)[number],
  x: string,
  tokenMask: string,
  keyMask: string,
): string {
  const { op, linear, normalise, number } = graph;
  const block = `Layer_${layer}/TransformerLayer/`;
  const attention = `${block}MultiheadAttention/`;

  const projected = linear(
    normalise(x, `${block}layer_prepostprocess/`),
    `${attention}qkv_transform_single/kernel`,
    `${attention}qkv_transform_single/bias`,
  );
  const [query, key, value] = graph.split3(projected);
  const mixed = op(
    "MultiHeadAttention",
    [query, key, value, "", keyMask],
    {
      num_heads: number("Layer_1/", "split_heads/", "shape/2"), // the layers share the constant
      scale: { float: number(attention, "MultiheadAttention/mul/y") },
    },
    "com.microsoft",
  );
  const attended = linear(
    mixed,
    `${attention}output_transform_single/kernel`,
    `${attention}output_transform_single/bias`,
  );
  // The first layer widens 256 to 512, so its residual goes through a dense layer.
  const residual =
    layer === 0
      ? op("Mul", [linear(x, `${block}dense/kernel`, `${block}dense/bias`), tokenMask])
      : x;
  const middle = op("Add", [attended, residual]);

  const wide = linear(
    normalise(middle, `${block}FFN/layer_prepostprocess/`),
    `${block}FFN/conv1/Tensordot/Reshape_1`,
    `${block}FFN/conv1/bias`,
  );
  const narrow = linear(
    op("Relu", [wide]),
    `${block}FFN/conv2/Tensordot/Reshape_1`,
    `${block}FFN/conv2/bias`,
  );
  return op("Add", [op("Mul", [narrow, tokenMask]), middle]);
}

/** The few verbs the graph is written in; each returns the name of a value. */
function graphOver(weights: readonly TfjsWeight[]) {
  const model = onnxModelWriter("sentence-encoder");
  const initializers = new Map<string, string>();
  let values = 0;

  const find = (...fragments: readonly string[]): TfjsWeight => {
    const found = weights.filter(({ name }) => fragments.every((part) => name.includes(part)));
    const [only] = found;
    if (only === undefined || found.length > 1) {
      throw new Error(`internal: ${found.length} weights match ${fragments.join(" … ")}`);
    }
    return only;
  };
  const number = (...fragments: readonly string[]): number => {
    const value = find(...fragments).data[0];
    if (value === undefined) throw new Error(`internal: ${fragments.join(" … ")} is empty`);
    return value;
  };
  const constant = (type: OnnxType, shape: readonly number[], value: number): string => {
    const name = `${type}[${shape.join()}]=${value}`;
    if (!initializers.has(name)) {
      model.initializer(name, type, shape, [value]);
      initializers.set(name, name);
    }
    return name;
  };
  const weight = (fragment: string): string => {
    const { name, shape, data } = find(fragment);
    const known = initializers.get(name);
    if (known !== undefined) return known;
    if (!(data instanceof Float32Array)) throw new Error(`internal: ${name} is not float32`);
    // A kernel of a 1x1 convolution has two leading sizes of 1.
    const matrix = shape.length > 2 ? shape.slice(-2) : shape;
    model.initializer(fragment, "float32", matrix, data);
    initializers.set(name, fragment);
    return fragment;
  };
  const next = (opType: string): string => `${opType}_${values++}`;
  const op = (
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
    domain: "" | "com.microsoft" = "",
  ): string => {
    const output = next(opType);
    model.node(opType, inputs, [output], attributes, domain);
    return output;
  };

  return {
    model,
    op,
    weight,
    number,
    /** A one-element int64 tensor, as axes are given. */
    int64: (value: number) => constant("int64", [1], value),
    /** An int64 without a size, as positions are given. */
    index: (value: number) => constant("int64", [], value),
    scalar: (value: number) => constant("float32", [], value),
    /** `x W + b` over the last size. */
    linear: (x: string, kernel: string, bias: string): string =>
      op("Add", [op("MatMul", [x, weight(kernel)]), weight(bias)]),
    /** Layer normalisation over the last size. */
    normalise: (x: string, prefix: string): string => {
      const scale = weight(`${prefix}layer_norm/layer_norm_scale`);
      const bias = weight(`${prefix}layer_norm/layer_norm_bias`);
      const epsilon = number("layer_norm/Cast/x");
      return op("LayerNormalization", [x, scale, bias], { axis: -1, epsilon: { float: epsilon } });
    },
    /** Three equal parts of the last size. */
    split3: (x: string): readonly [string, string, string] => {
      const parts = [next("Split"), next("Split"), next("Split")] as const;
      model.node("Split", [x], parts, { axis: -1 });
      return parts;
    },
  };
}
