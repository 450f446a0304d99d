import type { Shape } from "../../autodiff/ops.ts";
import { elementType } from "../format/model-messages.ts";
import type { OnnxModelWriter } from "../format/model-writer.ts";
import { inputOf, type BinaryKind, type Node, type UnaryKind } from "../../autodiff/graph.ts";
import type { EmittedConstants } from "./emitted-constants.ts";
import type { ProductSum } from "./product-sums.ts";

/** State and options while one model is written. */
export interface Emission extends EmittedConstants {
  readonly writer: OnnxModelWriter;
  readonly nameOf: (node: Node) => string;
  /** Sums that are fused with one of their summands, a product. */
  readonly sums: ReadonlyMap<Node, ProductSum>;
  /** A node's shape in the model. */
  readonly shapeOf: (node: Node) => Shape;
  /** Whether to avoid ONNX Runtime's own operators, and constants that depend on the batch size. */
  readonly isPortable: boolean;
}

const onnxUnary = {
  neg: "Neg",
  relu: "Relu",
  sigmoid: "Sigmoid",
  tanh: "Tanh",
  sqrt: "Sqrt",
  log: "Log",
  reciprocal: "Reciprocal",
  softplus: "Softplus",
  softmax: "Softmax", // over the last axis by default
} as const satisfies Record<Exclude<UnaryKind, "sign">, string>;

const onnxBinary = {
  add: "Add",
  sub: "Sub",
  mul: "Mul",
  div: "Div",
} as const satisfies Record<BinaryKind, string>;

/** `min(max(steep y, 0), 1)` is the sign of a y >= 0, and several times as fast as ONNX Runtime's Sign. */
const steep = 3e38;

/** Writes the operators that compute a node. Inputs and parameters are defined by the caller. */
export function emitNode(emission: Emission, node: Node): void {
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
    case "sign":
      if (inputOf(node, 0).operation.kind !== "relu") writer.node("Sign", inputs, [name]);
      else
        writer.node("HardSigmoid", inputs, [name], { alpha: { float: steep }, beta: { float: 0 } });
      return;
    case "add":
    case "sub":
    case "mul":
    case "div": {
      const sum = emission.sums.get(node);
      if (sum) emitGemm(emission, node, sum);
      else writer.node(onnxBinary[operation.kind], inputs, [name]);
      return;
    }
    case "neg":
    case "relu":
    case "sigmoid":
    case "tanh":
    case "sqrt":
    case "log":
    case "reciprocal":
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
      writer.node("ConstantOfShape", [integers(node.shape)], [`${name}.zeros`]);
      writer.node("Cast", [indices], [`${name}.int64`], { to: elementType.int64 }); // ScatterND takes no int32
      writer.node("Reshape", [`${name}.int64`, integers([-1, 1])], [`${name}.rows`]);
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
      emitSum(emission, node, operation);
      return;
    case "max":
      writer.node("ReduceMax", inputs, [name], {
        axes: operation.axes,
        keepdims: operation.keepAxes ? 1 : 0,
      });
      return;
    case "cast":
      writer.node("Cast", inputs, [name], { to: elementType[node.type] });
      return;
    case "dequantise":
      writer.node("DequantizeLinear", inputs, [name], { axis: 0 });
      return;
    default:
      throw new Error(`internal: no ONNX for ${JSON.stringify(operation satisfies never)}`);
  }
}

/** Gemm takes transposed matrices but no batches. FusedMatMul takes both; ONNX Runtime turns the portable form into it. */
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

/** A product of two matrices plus a third, as one operator. */
function emitGemm(
  { writer, nameOf }: Emission,
  node: Node,
  { product, summand }: ProductSum,
): void {
  const { operation } = product;
  const { transposeA, transposeB } =
    operation.kind === "matmul" ? operation : { transposeA: false, transposeB: true };
  writer.node("Gemm", [...product.inputs, summand].map(nameOf), [nameOf(node)], {
    transA: transposeA ? 1 : 0,
    transB: transposeB ? 1 : 0,
  });
}

/** A sum over the rows of a matrix is written as a product with ones, which ONNX Runtime computes several times as fast. */
function emitSum(
  { writer, nameOf, integers, filled, isPortable }: Emission,
  node: Node,
  { axes, keepAxes }: { readonly axes: readonly number[]; readonly keepAxes: boolean },
): void {
  const x = inputOf(node, 0);
  const [rows = 0] = x.shape;
  if (x.shape.length === 2 && axes.length === 1 && axes[0] === 0 && !isPortable) {
    const ones = filled(1, keepAxes ? [1, rows] : [rows]);
    writer.node("MatMul", [ones, nameOf(x)], [nameOf(node)]);
    return;
  }
  writer.node("ReduceSum", [nameOf(x), integers(axes)], [nameOf(node)], {
    keepdims: keepAxes ? 1 : 0,
  });
}
