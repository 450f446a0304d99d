/** @file The computation graph that a traced model leaves behind. It knows nothing of the engines. */
import type { ElementType, Shape } from "./ops.ts";

/** What a node computes from its inputs. */
export type Operation =
  | { readonly kind: "input" | "parameter"; readonly name: string }
  | { readonly kind: "constant"; readonly values: Float32Array }
  | { readonly kind: BinaryKind | UnaryKind }
  | { readonly kind: "matmul"; readonly transposeA: boolean; readonly transposeB: boolean }
  /** Inputs x `[M, in]`, weight `[out, in]` and perhaps bias `[out]`. */
  | { readonly kind: "linear" }
  /** Inputs table `[N, ...row]` and indices. */
  | { readonly kind: "gather" }
  /** Inputs indices `[n]` and values `[n, ...row]`: a zero table of the node's shape with each value added to its row. */
  | { readonly kind: "scatterAdd" }
  | { readonly kind: "reshape" | "expand" }
  | { readonly kind: "transpose"; readonly permutation: readonly number[] }
  | { readonly kind: "concat"; readonly axis: number }
  | {
      readonly kind: "slice";
      readonly axis: number;
      readonly start: number;
      readonly size: number;
    }
  | {
      readonly kind: "sum" | "max";
      readonly axes: readonly number[];
      readonly keepAxes: boolean;
    }
  /** To the node's type. */
  | { readonly kind: "cast" }
  /** Inputs int8 values `[rows, columns]` and scales `[rows]`. */
  | { readonly kind: "dequantise" };

/** Element-wise with broadcasting. */
export type BinaryKind = "add" | "sub" | "mul" | "div";

/** Same shape in and out. Softmax is over the last axis; `sign` has no gradient. */
export type UnaryKind =
  | "neg"
  | "relu"
  | "sign"
  | "sigmoid"
  | "tanh"
  | "sqrt"
  | "log"
  | "reciprocal"
  | "softplus"
  | "softmax";

/** A tensor in the graph. */
export interface Node {
  /** Position in the order of creation, in which inputs come before their users. */
  readonly id: number;
  readonly operation: Operation;
  readonly inputs: readonly Node[];
  readonly shape: Shape;
  readonly type: ElementType;
}

/** A derivative that is given, not worked out from how the value is computed. */
export interface GradientRule {
  readonly inputs: readonly Node[];
  /** From the gradient of the value to those of the inputs, in their order and of their shapes. */
  readonly gradientsOf: (gradient: Node) => readonly Node[];
}

/** Nodes in the order of their creation. */
export interface Graph {
  readonly nodes: readonly Node[];
  /** Of the nodes whose derivative is given. */
  readonly rules: Map<Node, GradientRule>;
  readonly node: (
    operation: Operation,
    inputs: readonly Node[],
    shape: Shape,
    type?: Node["type"],
  ) => Node;
}

/** An empty graph. */
export function createGraph(): Graph {
  const nodes: Node[] = [];
  return {
    nodes,
    rules: new Map(),
    node: (operation, inputs, shape, type = "float32") => {
      const node: Node = { id: nodes.length, operation, inputs, shape, type };
      nodes.push(node);
      return node;
    },
  };
}

/** The input at `index`; its absence is a bug in the tracer. */
export function inputOf(node: Node, index: number): Node {
  const input = node.inputs[index];
  if (input === undefined) {
    throw new Error(`internal: ${node.operation.kind} node ${node.id} has no input ${index}`);
  }
  return input;
}

/**
 * All nodes that `outputs` need, inputs before their users.
 *
 * @param cut - Nodes whose own inputs are not followed
 */
export function liveNodes(
  outputs: Iterable<Node>,
  cut: ReadonlySet<Node> = new Set(),
): readonly Node[] {
  const live = new Set<Node>();
  const pending = [...outputs];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (live.has(node)) continue;
    live.add(node);
    if (!cut.has(node)) pending.push(...node.inputs);
  }
  return [...live].sort((a, b) => a.id - b.id);
}

/** Whether the node's value comes from outside the graph. */
export function isSource(node: Node): boolean {
  return node.operation.kind === "input" || node.operation.kind === "parameter";
}
