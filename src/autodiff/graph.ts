/** @file The computation graph of a traced model. Independent of the engines that run it. */
import type { ElementType, Shape } from "./ops.ts";

/** What a node computes from its inputs. */
export type Operation =
  | { readonly kind: "parameter"; readonly name: string }
  | {
      readonly kind: "input";
      readonly name: string;
      /** The name of the first size, where it differs from run to run: the node's shape then holds an example. */
      readonly length?: string;
    }
  | { readonly kind: "constant"; readonly values: Float32Array }
  | { readonly kind: BinaryKind | UnaryKind }
  | { readonly kind: "matmul"; readonly transposeA: boolean; readonly transposeB: boolean }
  /** Inputs x `[M, in]`, weight `[out, in]` and optionally bias `[out]`. */
  | { readonly kind: "linear" }
  /** Inputs table `[N, ...row]` and indices. */
  | { readonly kind: "gather" }
  /** Inputs indices `[n]` and values `[n, ...row]`: a table of zeros with each value added to its row. */
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
  /** Converts to the node's type. */
  | { readonly kind: "cast" }
  /** Inputs int8 values `[rows, columns]` and scales `[rows]`. */
  | { readonly kind: "dequantise" };

/** Element-wise, with broadcasting. */
export type BinaryKind = "add" | "sub" | "mul" | "div";

/** Input and output have the same shape. Softmax is over the last axis; `sign` has no gradient. */
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
  /** Position in creation order: inputs come before their users. */
  readonly id: number;
  readonly operation: Operation;
  readonly inputs: readonly Node[];
  readonly shape: Shape;
  readonly type: ElementType;
}

/** A custom derivative: used instead of differentiating the operations that compute the value. */
export interface GradientRule {
  readonly inputs: readonly Node[];
  /** From the gradient of the value to one gradient per input, of the input's shape. */
  readonly gradientsOf: (gradient: Node) => readonly Node[];
}

/** A graph under construction. */
export interface Graph {
  /** In creation order. */
  readonly nodes: readonly Node[];
  /** Custom derivatives, by node. */
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

/**
 * The input at `index`.
 *
 * @throws Error if there is none, which is a bug in the tracer
 */
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
 * @param cut - Nodes that are treated as inputs: what they are computed from is left out
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

/** Whether the node is an input or a parameter. */
export function isSource(node: Node): boolean {
  return node.operation.kind === "input" || node.operation.kind === "parameter";
}
