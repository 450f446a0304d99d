/** @file The operations over graph nodes: a model that runs on them is traced. */
import type { Ops, Shape } from "./ops.ts";
import type { BinaryKind, Graph, Node, UnaryKind } from "./graph.ts";
import {
  broadcastAxes,
  broadcastShape,
  matmulShape,
  resolveAxis,
  resolveReshape,
  sameShape,
  show,
  withSize,
} from "./shapes.ts";
import { elements } from "../base/element-count.ts";

/** The operations, with those that only gradients and losses need. */
export interface GraphOps extends Ops<Node> {
  readonly neg: (x: Node) => Node;
  /** -1, 0 or 1; has no gradient. */
  readonly sign: (x: Node) => Node;
  readonly expand: (x: Node, shape: Shape) => Node;
  /** Undoes broadcasting: sums `x` over the axes that `shape` lacks, or has with size 1. */
  readonly sumTo: (x: Node, shape: Shape) => Node;
  readonly constant: (value: number, shape?: Shape) => Node;
}

/** Operations that append to `graph`. They check shapes and types, so that a faulty model fails at its own line. */
export function graphOps(graph: Graph): GraphOps {
  const scalars = new Map<number, Node>();

  function constant(value: number, shape: Shape = []): Node {
    const create = () =>
      graph.node(
        { kind: "constant", values: new Float32Array(elements(shape)).fill(value) },
        [],
        shape,
      );
    if (shape.length > 0) return create();
    const scalar = scalars.get(value) ?? create();
    scalars.set(value, scalar);
    return scalar;
  }

  const unary = (kind: UnaryKind) => (x: Node) => {
    checkFloat32(kind, [x]);
    return graph.node({ kind }, [x], x.shape);
  };

  const binary = (kind: BinaryKind) => (a: Node, b: Node | number) => {
    const right = typeof b === "number" ? constant(b) : b;
    checkFloat32(kind, [a, right]);
    return graph.node({ kind }, [a, right], broadcastShape(kind, a.shape, right.shape));
  };

  const mul = binary("mul");

  function reshape(x: Node, shape: Shape): Node {
    const resolved = resolveReshape(x.shape, shape);
    if (sameShape(x.shape, resolved)) return x;
    return graph.node({ kind: "reshape" }, [x], resolved, x.type);
  }

  const reduction =
    (kind: "sum" | "max") =>
    (x: Node, axes: readonly number[], keepAxes = false): Node => {
      checkFloat32(kind, [x]);
      const reduced = axes.map((axis) => resolveAxis(kind, x.shape, axis));
      const shape = keepAxes
        ? x.shape.map((size, axis) => (reduced.includes(axis) ? 1 : size))
        : x.shape.filter((_, axis) => !reduced.includes(axis));
      return graph.node({ kind, axes: reduced, keepAxes }, [x], shape);
    };
  const sum = reduction("sum");

  function linear(x: Node, weight: Node, bias?: Node): Node {
    const [outputWidth = 0, inputWidth = 0] = weight.shape;
    if (
      weight.shape.length !== 2 ||
      x.shape.at(-1) !== inputWidth ||
      (bias && !sameShape(bias.shape, [outputWidth]))
    ) {
      const shapes = [x, weight, ...(bias ? [bias] : [])].map((node) => show(node.shape));
      throw new RangeError(`linear: ${shapes.join(" with ")}`);
    }
    checkFloat32("linear", [x, weight, ...(bias ? [bias] : [])]);
    const rows = reshape(x, [-1, inputWidth]);
    const inputs = [rows, weight, ...(bias ? [bias] : [])];
    const product = graph.node({ kind: "linear" }, inputs, [rows.shape[0] ?? 0, outputWidth]);
    return reshape(product, [...x.shape.slice(0, -1), outputWidth]);
  }

  function concat(parts: readonly Node[], axis: number): Node {
    const [first, ...rest] = parts;
    if (first === undefined) throw new RangeError("concat: no parts");
    if (rest.length === 0) return first;
    const along = resolveAxis("concat", first.shape, axis);
    for (const part of rest) {
      if (!sameShape(withSize(part.shape, along, 0), withSize(first.shape, along, 0))) {
        throw new RangeError(
          `concat: ${show(first.shape)} and ${show(part.shape)} along axis ${along}`,
        );
      }
    }
    const size = parts.reduce((total, part) => total + (part.shape[along] ?? 0), 0);
    return graph.node(
      { kind: "concat", axis: along },
      parts,
      withSize(first.shape, along, size),
      first.type,
    );
  }

  function slice(x: Node, axis: number, start: number, size: number): Node {
    const along = resolveAxis("slice", x.shape, axis);
    const available = x.shape[along] ?? 0;
    if (start < 0 || size < 1 || start + size > available) {
      throw new RangeError(
        `slice: positions ${start} to ${start + size} of axis ${along} of ${show(x.shape)}`,
      );
    }
    if (size === available) return x;
    return graph.node(
      { kind: "slice", axis: along, start, size },
      [x],
      withSize(x.shape, along, size),
      x.type,
    );
  }

  return {
    shapeOf: (x) => x.shape,
    add: binary("add"),
    sub: binary("sub"),
    mul,
    div: binary("div"),
    neg: unary("neg"),
    relu: unary("relu"),
    sign: unary("sign"),
    sigmoid: unary("sigmoid"),
    tanh: unary("tanh"),
    sqrt: unary("sqrt"),
    log: unary("log"),
    reciprocal: unary("reciprocal"),
    softplus: unary("softplus"),
    softmax: unary("softmax"),
    matmul: (a, b, { transposeA = false, transposeB = false } = {}) => {
      checkFloat32("matmul", [a, b]);
      return graph.node(
        { kind: "matmul", transposeA, transposeB },
        [a, b],
        matmulShape(a.shape, b.shape, transposeA, transposeB),
      );
    },
    linear,
    gather: (table, indices) => {
      if (indices.type !== "int32") throw new RangeError("gather: expected int32 indices");
      const shape = [...indices.shape, ...table.shape.slice(1)];
      return graph.node({ kind: "gather" }, [table, indices], shape, table.type);
    },
    scatterAdd: (indices, values, shape) => {
      checkFloat32("scatterAdd", [values]);
      return graph.node({ kind: "scatterAdd" }, [indices, values], shape);
    },
    reshape,
    expand: (x, shape) =>
      sameShape(x.shape, shape) ? x : graph.node({ kind: "expand" }, [x], shape, x.type),
    transpose: (x, permutation) => {
      const axes = permutation.map((axis) => resolveAxis("transpose", x.shape, axis));
      if (axes.length !== x.shape.length || new Set(axes).size !== axes.length) {
        throw new RangeError(`transpose: ${show(permutation)} of ${show(x.shape)}`);
      }
      const shape = axes.map((axis) => x.shape[axis] ?? 0);
      return graph.node({ kind: "transpose", permutation: axes }, [x], shape, x.type);
    },
    concat,
    slice,
    split: (x, axis, parts) => {
      const size = (x.shape[resolveAxis("split", x.shape, axis)] ?? 0) / parts;
      if (!Number.isInteger(size)) {
        throw new RangeError(`split: ${show(x.shape)} into ${parts} parts along axis ${axis}`);
      }
      return Array.from({ length: parts }, (_, part) => slice(x, axis, part * size, size));
    },
    sum,
    max: reduction("max"),
    cast: (x, type) => (x.type === type ? x : graph.node({ kind: "cast" }, [x], x.shape, type)),
    dequantise: (values, scales) => {
      const [rows = 0] = values.shape;
      checkFloat32("dequantise", [scales]);
      if (values.type !== "int8" || values.shape.length !== 2 || !sameShape(scales.shape, [rows])) {
        throw new RangeError(
          `dequantise: ${values.type} ${show(values.shape)} with scales ${show(scales.shape)}`,
        );
      }
      return graph.node({ kind: "dequantise" }, [values, scales], values.shape);
    },
    mean: (x, axes, keepAxes) => {
      const total = sum(x, axes, keepAxes);
      return mul(total, elements(total.shape) / elements(x.shape));
    },
    sumTo: (x, shape) => {
      const axes = broadcastAxes(x.shape, shape);
      return axes.length === 0 ? reshape(x, shape) : reshape(sum(x, axes, true), shape);
    },
    withGradients: (value, inputs, gradientsOf) => {
      graph.rules.set(value, { inputs, gradientsOf });
      return value;
    },
    constant,
    tensor: (values, shape) => {
      if (values.length !== elements(shape)) {
        throw new RangeError(`tensor: ${values.length} values for shape ${show(shape)}`);
      }
      return graph.node({ kind: "constant", values: Float32Array.from(values) }, [], shape);
    },
  };
}

function checkFloat32(what: string, operands: readonly Node[]): void {
  const other = operands.find(({ type }) => type !== "float32");
  if (other) throw new RangeError(`${what}: expected float32, got ${other.type}`);
}
