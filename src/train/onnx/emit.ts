/** @file Writes a graph as an ONNX model. */
import { onnxModelWriter, type OnnxModelWriter } from "../../onnx/model-writer.ts";
import type { BinaryKind, Node, UnaryKind } from "../graph/graph.ts";
import { inputOf } from "../graph/graph.ts";
import { elements } from "../graph/shapes.ts";

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
 * The part of the graph that `outputs` need, as an ONNX model.
 *
 * @param outputs - Output name to node
 */
export function emitModel(outputs: ReadonlyMap<string, Node>): EmittedModel {
  const writer = onnxModelWriter("r4ec");
  const inputNames: string[] = [];
  const names = new Map<Node, string>();
  for (const [name, node] of outputs) {
    if (!isSource(node) && !names.has(node)) names.set(node, name);
  }
  const emission: Emission = {
    writer,
    nameOf: (node) => names.get(node) ?? ownName(node),
    integers: integerConstants(writer),
  };
  for (const node of liveNodes(outputs.values())) {
    const { operation } = node;
    if (operation.kind === "input" || operation.kind === "parameter") {
      inputNames.push(operation.name);
      writer.input(operation.name, node.type, node.shape);
    } else {
      emitNode(emission, node);
    }
  }
  for (const [name, node] of outputs) {
    if (emission.nameOf(node) !== name) writer.node("Identity", [emission.nameOf(node)], [name]);
    writer.output(name, node.type, node.shape);
  }
  return { bytes: writer.bytes(), inputNames };
}

interface Emission {
  readonly writer: OnnxModelWriter;
  readonly nameOf: (node: Node) => string;
  /** Name of an int64 constant with these values. */
  readonly integers: (values: readonly number[]) => string;
}

function emitNode({ writer, nameOf, integers }: Emission, node: Node): void {
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
      emitMatmul(writer, node, inputs, name, operation);
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
      writer.node("Reshape", [first, integers(node.shape)], [name]);
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

/** Gemm takes transposed matrices but no batches; ONNX Runtime's FusedMatMul takes both. */
function emitMatmul(
  writer: OnnxModelWriter,
  node: Node,
  inputs: readonly string[],
  name: string,
  { transposeA, transposeB }: { readonly transposeA: boolean; readonly transposeB: boolean },
): void {
  const attributes = { transA: transposeA ? 1 : 0, transB: transposeB ? 1 : 0 };
  if (!transposeA && !transposeB) writer.node("MatMul", inputs, [name]);
  else if (node.inputs.every((input) => input.shape.length === 2)) {
    writer.node("Gemm", inputs, [name], attributes);
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

/** All nodes that `outputs` need, inputs before their users. */
function liveNodes(outputs: Iterable<Node>): readonly Node[] {
  const live = new Set<Node>();
  const pending = [...outputs];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (live.has(node)) continue;
    live.add(node);
    pending.push(...node.inputs);
  }
  return [...live].sort((a, b) => a.id - b.id);
}

function ownName(node: Node): string {
  return "name" in node.operation ? node.operation.name : `${node.operation.kind}.${node.id}`;
}

function isSource(node: Node): boolean {
  return node.operation.kind === "input" || node.operation.kind === "parameter";
}
