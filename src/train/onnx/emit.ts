/** @file Writes a graph as an ONNX model. */
import type { Shape } from "../../models/ops.ts";
import { onnxModelWriter, type OnnxModelWriter, type OnnxShape } from "../../onnx/model-writer.ts";
import {
  inputOf,
  isSource,
  liveNodes,
  type BinaryKind,
  type Node,
  type UnaryKind,
} from "../graph/graph.ts";
import { elements } from "../graph/shapes.ts";
import { anySize } from "../graph/symbolic-batch.ts";

/** An ONNX model and the names of the graph's inputs and parameters that it reads. */
export interface EmittedModel {
  readonly bytes: Uint8Array;
  readonly inputNames: readonly string[];
}

const onnxUnary = {
  neg: "Neg",
  relu: "Relu",
  sign: "Sign",
  sigmoid: "Sigmoid",
  tanh: "Tanh",
  sqrt: "Sqrt",
  softplus: "Softplus",
  softmax: "Softmax", // over the last axis by default
} as const satisfies Record<UnaryKind, string>;

const onnxBinary = {
  add: "Add",
  sub: "Sub",
  mul: "Mul",
  div: "Div",
} as const satisfies Record<BinaryKind, string>;

/**
 * The part of the graph that `outputs` need, as an ONNX model of fixed sizes whose inputs are the graph's inputs and parameters.
 *
 * @param outputs - Output name to node
 */
export function emitModel(outputs: ReadonlyMap<string, Node>): EmittedModel {
  const writer = onnxModelWriter("r4ec");
  const inputNames: string[] = [];
  emitGraph(writer, outputs, {
    writeSource: (name, { type, shape }) => {
      inputNames.push(name);
      writer.input(name, type, shape);
    },
  });
  return { bytes: writer.bytes(), inputNames };
}

export interface EmitOptions {
  /** Defines the value `name` of an input or a parameter of the graph. Called once for each. */
  readonly writeSource: (name: string, node: Node) => void;
  /** A node's sizes, {@link anySize} for one that depends on the batch. Default: the sizes it was traced with. */
  readonly shapeOf?: (node: Node) => Shape;
  /** Whether to do without ONNX Runtime's own operators, so that others can run the model too. Default false. */
  readonly isPortable?: boolean;
}

/**
 * Writes the part of the graph that `outputs` need.
 *
 * @param outputs - Output name to node
 */
export function emitGraph(
  writer: OnnxModelWriter,
  outputs: ReadonlyMap<string, Node>,
  { writeSource, shapeOf = (node) => node.shape, isPortable = false }: EmitOptions,
): void {
  const names = new Map<Node, string>();
  for (const [name, node] of outputs) {
    if (!isSource(node) && !names.has(node)) names.set(node, name);
  }
  const emission: Emission = {
    writer,
    nameOf: (node) => names.get(node) ?? ownName(node),
    integers: integerConstants(writer),
    shapeOf,
    isPortable,
  };
  for (const node of liveNodes(outputs.values())) {
    const { operation } = node;
    if (operation.kind === "input" || operation.kind === "parameter") {
      writeSource(operation.name, node);
    } else {
      emitNode(emission, node);
    }
  }
  for (const [name, node] of outputs) {
    if (emission.nameOf(node) !== name) writer.node("Identity", [emission.nameOf(node)], [name]);
    writer.output(name, node.type, onnxShape(shapeOf(node)));
  }
}

/** A shape as an input or output declares it. */
export function onnxShape(shape: Shape): OnnxShape {
  return shape.map((size) => (size === anySize ? "batch" : size));
}

interface Emission extends Required<Pick<EmitOptions, "shapeOf" | "isPortable">> {
  readonly writer: OnnxModelWriter;
  readonly nameOf: (node: Node) => string;
  /** Name of an int64 constant with these values. */
  readonly integers: (values: readonly number[]) => string;
}

function emitNode(emission: Emission, node: Node): void {
  const { writer, nameOf, integers, shapeOf } = emission;
  const { operation } = node;
  const inputs = node.inputs.map(nameOf);
  const [first = ""] = inputs;
  const name = nameOf(node);
  switch (operation.kind) {
    case "input":
    case "parameter":
      return;
    case "constant":
      writer.initializer(name, "float32", node.shape, operation.values);
      return;
    case "add":
    case "sub":
    case "mul":
    case "div":
      writer.node(onnxBinary[operation.kind], inputs, [name]);
      return;
    case "neg":
    case "relu":
    case "sign":
    case "sigmoid":
    case "tanh":
    case "sqrt":
    case "softplus":
    case "softmax":
      writer.node(onnxUnary[operation.kind], inputs, [name]);
      return;
    case "matmul":
      emitMatmul(emission, node, operation);
      return;
    case "linear":
      writer.node("Gemm", inputs, [name], { transB: 1 });
      return;
    case "gather":
      writer.node("Gather", inputs, [name], { axis: 0 });
      return;
    case "scatterAdd": {
      const [indices = "", values = ""] = inputs;
      const positions = elements(inputOf(node, 0).shape);
      writer.node("ConstantOfShape", [integers(node.shape)], [`${name}.zeros`]);
      writer.node("Cast", [indices], [`${name}.int64`], { to: onnxInt64 }); // ScatterND takes no int32
      writer.node("Reshape", [`${name}.int64`, integers([positions, 1])], [`${name}.rows`]);
      writer.node("ScatterND", [`${name}.zeros`, `${name}.rows`, values], [name], {
        reduction: "add",
      });
      return;
    }
    case "reshape":
      writer.node("Reshape", [first, integers(shapeOf(node))], [name]);
      return;
    case "expand":
      writer.node("Expand", [first, integers(node.shape)], [name]);
      return;
    case "transpose":
      writer.node("Transpose", inputs, [name], { perm: operation.permutation });
      return;
    case "concat":
      writer.node("Concat", inputs, [name], { axis: operation.axis });
      return;
    case "slice": {
      const { axis, start, size } = operation;
      const bounds = [[start], [start + size], [axis]].map(integers);
      writer.node("Slice", [first, ...bounds], [name]);
      return;
    }
    case "sum":
      writer.node("ReduceSum", [first, integers(operation.axes)], [name], {
        keepdims: operation.keepAxes ? 1 : 0,
      });
      return;
    default:
      throw new Error(`internal: no ONNX for ${JSON.stringify(operation satisfies never)}`);
  }
}

/** Code of int64 in onnx.proto, as Cast's attribute `to`. */
const onnxInt64 = 7;

/** Gemm takes transposed matrices but no batches; ONNX Runtime's FusedMatMul takes both, and is what it makes of the portable form. */
function emitMatmul(
  { writer, nameOf, isPortable }: Emission,
  node: Node,
  { transposeA, transposeB }: { readonly transposeA: boolean; readonly transposeB: boolean },
): void {
  const name = nameOf(node);
  const inputs = node.inputs.map(nameOf);
  const attributes = { transA: transposeA ? 1 : 0, transB: transposeB ? 1 : 0 };
  if (!transposeA && !transposeB) writer.node("MatMul", inputs, [name]);
  else if (node.inputs.every((input) => input.shape.length === 2)) {
    writer.node("Gemm", inputs, [name], attributes);
  } else if (isPortable) {
    const isTransposed = [transposeA, transposeB];
    const operands = node.inputs.map((input, index) => {
      if (isTransposed[index] !== true) return nameOf(input);
      const axes = input.shape.map((_, axis) => axis);
      const perm = [...axes.slice(0, -2), ...axes.slice(-2).reverse()];
      const transposed = `${name}.${index}`;
      writer.node("Transpose", [nameOf(input)], [transposed], { perm });
      return transposed;
    });
    writer.node("MatMul", operands, [name]);
  } else writer.node("FusedMatMul", inputs, [name], attributes, "com.microsoft");
}

function integerConstants(writer: OnnxModelWriter): (values: readonly number[]) => string {
  const written = new Set<string>();
  return (values) => {
    const name = `int64:${values.join(",")}`;
    if (!written.has(name)) writer.initializer(name, "int64", [values.length], values);
    written.add(name);
    return name;
  };
}

function ownName(node: Node): string {
  return "name" in node.operation ? node.operation.name : `${node.operation.kind}.${node.id}`;
}
