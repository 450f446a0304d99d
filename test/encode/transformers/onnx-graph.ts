/** @file The same transformers as ONNX graphs of a batch with padding, in the ways that exporters write them. */
import { onnxModelWriter, type OnnxAttribute } from "../../../src/onnx/format/model-writer.ts";
import type { Transformer } from "./weights.ts";

export interface GraphOptions {
  /** Type of the inputs. */
  readonly integers: "int64" | "int32";
  /** Whether the model is told the positions or counts them itself by the attention mask, from the padding id plus 1. */
  readonly positions: "input" | "counted";
  /** Padding id, from which positions are counted. */
  readonly padId: number;
  /** Longformer: what the length of a batch must be a multiple of. */
  readonly window: number;
  /** What the model gives. */
  readonly outputs: readonly ("last_hidden_state" | "pooler_output" | "dense_vecs")[];
  /** Name of the file that the weights are in, besides the model; none: they are in the model. */
  readonly dataFile?: string;
}

const float32 = 1; // TensorProto.DataType
const int64 = 7;
const bool = 9;

/** A model file and, where it was asked for, the file of its weights. */
export function transformerGraph(
  { shape, weights }: Transformer,
  { integers, positions, padId, window, outputs, dataFile }: GraphOptions,
): { readonly model: Uint8Array; readonly data: Uint8Array } {
  const model = onnxModelWriter("transformer");
  const stored: Uint8Array[] = [];
  let storedBytes = 0;
  let values = 0;
  const op = (
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
  ): string => {
    const output = `${opType}_${values++}`;
    model.node(opType, inputs, [output], attributes);
    return output;
  };
  const constant = (
    type: "float32" | "int64",
    sizes: readonly number[],
    data: readonly number[],
  ) => {
    const name = `constant_${values++}`;
    model.initializer(name, type, sizes, data);
    return name;
  };
  const integer = (...data: readonly number[]): string => constant("int64", [data.length], data);
  const float = (value: number): string => constant("float32", [], [value]);
  for (const [name, { rows, columns, data }] of weights) {
    const sizes = rows === 1 && !name.endsWith(".kernel") ? [columns] : [rows, columns];
    if (dataFile === undefined) model.initializer(name, "float32", sizes, data);
    else {
      model.external(name, "float32", sizes, { location: dataFile, offset: storedBytes });
      stored.push(new Uint8Array(data.buffer));
      storedBytes += data.byteLength;
    }
  }
  const input = (name: string): string => {
    model.input(name, integers, ["batch", "tokens"]);
    return integers === "int64" ? name : op("Cast", [name], { to: int64 });
  };
  const linear = (x: string, name: string): string =>
    op("Add", [op("MatMul", [x, `${name}.kernel`]), `${name}.bias`]);
  const normalise = (x: string, name: string): string =>
    op("LayerNormalization", [x, `${name}.scale`, `${name}.bias`], {
      axis: -1,
      epsilon: { float: shape.epsilon },
    });
  const headSize = shape.hidden / shape.heads;
  const heads = (x: string): string =>
    op("Transpose", [op("Reshape", [x, integer(0, 0, shape.heads, headSize)])], {
      perm: [0, 2, 1, 3],
    }); // [B, heads, T, size]
  const attention = (query: string, key: string, value: string, bias: string): string => {
    const scores = op("MatMul", [
      heads(query),
      op("Transpose", [heads(key)], { perm: [0, 1, 3, 2] }),
    ]);
    const scaled = op("Div", [scores, float(Math.sqrt(headSize))]);
    const shares = op("Softmax", [op("Add", [scaled, bias])], { axis: -1 });
    const mixed = op("Transpose", [op("MatMul", [shares, heads(value)])], { perm: [0, 2, 1, 3] });
    return op("Reshape", [mixed, integer(0, 0, shape.hidden)]);
  };
  /** Added to scores: 0 where `seen` is 1, very low where it is 0. */
  const biasOf = (seen: string): string => op("Mul", [op("Sub", [float(1), seen]), float(-1e9)]);

  const ids = input("input_ids");
  const mask = input("attention_mask");
  const isToken = op("Cast", [mask], { to: float32 });
  const types = shape.architecture === "bert" ? input("token_type_ids") : op("Sub", [mask, mask]);
  const counted = (): string => {
    const places = op("CumSum", [mask, integer(1)]);
    return op("Add", [op("Mul", [places, mask]), integer(padId)]);
  };
  const places = positions === "input" ? input("position_ids") : counted();
  const summed = ["word", "position", "type"].map((table, i) =>
    op("Gather", [table, [ids, places, types][i] ?? ids]),
  );
  let x = normalise(
    op("Add", [op("Add", [summed[0] ?? "", summed[1] ?? ""]), summed[2] ?? ""]),
    "embedded",
  );

  const keyIsToken = op("Unsqueeze", [isToken, integer(1, 2)]); // [B, 1, 1, T]
  const everywhere = biasOf(keyIsToken);
  let local = everywhere;
  let isGlobal = "";
  if (shape.architecture === "longformer") {
    const globals = op("Cast", [input("global_attention_mask")], { to: float32 });
    // Exports cut the tokens into windows, so that a length that is no multiple of the window fails.
    const windows = op("Reshape", [x, integer(0, -1, window, shape.hidden)]);
    x = op("Reshape", [windows, op("Shape", [x])]);
    const length = op("Gather", [op("Shape", [ids]), constant("int64", [], [1])]);
    const range = op("Range", [constant("int64", [], [0]), length, constant("int64", [], [1])]);
    const distance = op("Abs", [
      op("Sub", [op("Unsqueeze", [range, integer(0)]), op("Unsqueeze", [range, integer(1)])]),
    ]);
    const near = op("Cast", [op("LessOrEqual", [distance, integer(shape.reach)])], { to: float32 });
    const seen = op("Max", [near, op("Unsqueeze", [globals, integer(1, 2)])]); // [B, 1, T, T]
    local = biasOf(op("Mul", [seen, keyIsToken]));
    isGlobal = op("Cast", [op("Unsqueeze", [globals, integer(2)])], { to: bool }); // [B, T, 1]
  }
  for (let layer = 0; layer < shape.layers; layer++) {
    const part = (name: string): string => linear(x, `${layer}.${name}`);
    let mixed = attention(part("query"), part("key"), part("value"), local);
    if (isGlobal !== "") {
      const all = attention(
        part("globalQuery"),
        part("globalKey"),
        part("globalValue"),
        everywhere,
      );
      mixed = op("Where", [isGlobal, all, mixed]);
    }
    const middle = normalise(op("Add", [linear(mixed, `${layer}.output`), x]), `${layer}.attended`);
    const wide = linear(middle, `${layer}.up`);
    const half = op("Mul", [wide, float(0.5)]);
    const grown = op("Mul", [
      half,
      op("Add", [op("Erf", [op("Div", [wide, float(Math.SQRT2)])]), float(1)]),
    ]);
    x = normalise(op("Add", [linear(grown, `${layer}.down`), middle]), `${layer}.finished`);
  }

  const first = op("Gather", [x, constant("int64", [], [0])], { axis: 1 });
  const made: Record<GraphOptions["outputs"][number], () => string> = {
    last_hidden_state: () => x,
    pooler_output: () => op("Tanh", [linear(first, "pooler")]),
    dense_vecs: () => op("Div", [first, op("ReduceL2", [first], { axes: [1], keepdims: 1 })]),
  };
  for (const name of outputs) {
    model.node("Identity", [made[name]()], [name]);
    const sizes = name === "last_hidden_state" ? ["batch", "tokens"] : ["batch"];
    model.output(name, "float32", [...sizes, shape.hidden]);
  }
  return { model: model.bytes(), data: Buffer.concat(stored) };
}
