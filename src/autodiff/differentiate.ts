/**
 * @file Reverse-mode differentiation of a graph into the same graph.
 *
 * Notation in the rules: y = the node; x, a, b = its inputs; dy, dx = gradients of the loss with respect to y and x.
 */
import { collectContributions, type Contribution } from "./contributions.ts";
import { inputOf, type GradientRule, type Graph, type Node } from "./graph.ts";
import type { Shape } from "./ops.ts";
import { sameShape, show } from "./shapes.ts";
import type { GraphOps } from "./trace.ts";

/** A node to differentiate, and the gradient of the loss with respect to it. */
export interface OutputGradient {
  readonly node: Node;
  /** Of the node's shape; the constant 1 for the loss itself. */
  readonly gradient: Node;
}

/**
 * Appends to `graph` the nodes that compute the gradient of the loss with respect to each target.
 *
 * @param outputs - The loss, or the outputs of one part of a larger model
 * @param targets - Parameters, inputs or inner nodes. Nodes that depend on no target are frozen: they get no gradient and cost nothing
 * @returns One gradient per target, of its shape; zeros for a target that no output depends on
 */
export function differentiate(
  graph: Graph,
  ops: GraphOps,
  outputs: readonly OutputGradient[],
  targets: readonly Node[],
): readonly Node[] {
  const nodes = [...graph.nodes];
  const dependents = dependentsOf(nodes, targets);
  const contributions = new Map<Node, Contribution[]>();
  const gradients = new Map<Node, Node>();
  const send = (node: Node, sent: Contribution): void => {
    if (!dependents.has(node)) return;
    const received = contributions.get(node);
    if (received === undefined) contributions.set(node, [sent]);
    else received.push(sent);
  };
  for (const { node, gradient } of outputs) {
    if (!sameShape(node.shape, gradient.shape)) {
      throw new RangeError(
        `differentiate: an output of shape ${show(node.shape)} has a gradient of shape ${show(gradient.shape)}`,
      );
    }
    send(node, { kind: "whole", value: gradient });
  }
  for (const node of nodes.reverse()) {
    const received = contributions.get(node);
    if (received === undefined) continue;
    const gradient = collectContributions(ops, node.shape, received);
    gradients.set(node, gradient);
    const rule = graph.rules.get(node);
    if (rule === undefined) {
      node.inputs.forEach((input, index) => {
        if (dependents.has(input)) send(input, contribution(ops, node, index, gradient));
      });
    } else {
      for (const [input, value] of ruleGradients(rule, gradient)) {
        send(input, { kind: "whole", value });
      }
    }
  }
  return targets.map((target) => gradients.get(target) ?? ops.constant(0, target.shape));
}

/** The targets and all nodes that depend on one of them. */
function dependentsOf(nodes: readonly Node[], targets: readonly Node[]): ReadonlySet<Node> {
  const dependents = new Set<Node>(targets);
  for (const node of nodes) {
    if (node.inputs.some((input) => dependents.has(input))) dependents.add(node);
  }
  return dependents;
}

/** The inputs of a custom derivative with their gradients. */
function ruleGradients(
  { inputs, gradientsOf }: GradientRule,
  dy: Node,
): readonly (readonly [Node, Node])[] {
  const gradients = gradientsOf(dy);
  return inputs.map((input, index) => {
    const gradient = gradients[index];
    if (gradient === undefined || !sameShape(gradient.shape, input.shape)) {
      const given = gradient === undefined ? "none" : `one of shape ${show(gradient.shape)}`;
      throw new RangeError(
        `withGradients: input ${index} of shape ${show(input.shape)} is given ${given}`,
      );
    }
    return [input, gradient];
  });
}

/** What `node`, whose gradient is `dy`, contributes to the gradient of its input number `index`. */
function contribution(ops: GraphOps, node: Node, index: number, dy: Node): Contribution {
  const { operation } = node;
  const x = inputOf(node, index);
  switch (operation.kind) {
    case "slice":
      return { kind: "piece", axis: operation.axis, start: operation.start, value: dy };
    case "gather":
      return { kind: "rows", indices: inputOf(node, 1), value: dy };
    case "concat": {
      const before = node.inputs.slice(0, index);
      const start = before.reduce((total, part) => total + (part.shape[operation.axis] ?? 0), 0);
      const value = ops.slice(dy, operation.axis, start, x.shape[operation.axis] ?? 0);
      return { kind: "whole", value };
    }
    default:
      return { kind: "whole", value: wholeGradient(ops, node, index, dy) };
  }
}

function wholeGradient(ops: GraphOps, node: Node, index: number, dy: Node): Node {
  const { operation } = node;
  const x = inputOf(node, index);
  switch (operation.kind) {
    case "add":
      return ops.sumTo(dy, x.shape);
    case "sub":
      return ops.sumTo(index === 0 ? dy : ops.neg(dy), x.shape);
    case "mul":
      return ops.sumTo(ops.mul(dy, inputOf(node, 1 - index)), x.shape);
    case "div": {
      const b = inputOf(node, 1);
      const quotient = ops.div(dy, b);
      return ops.sumTo(index === 0 ? quotient : ops.neg(ops.mul(quotient, node)), x.shape);
    }
    case "neg":
      return ops.neg(dy);
    case "relu":
      return ops.mul(dy, ops.sign(node)); // y >= 0, so its sign is 1 where x > 0 and 0 elsewhere
    case "sigmoid":
      return ops.mul(dy, ops.mul(node, ops.sub(ops.constant(1), node)));
    case "tanh":
      return ops.mul(dy, ops.sub(ops.constant(1), ops.mul(node, node)));
    case "sqrt":
      return ops.div(ops.mul(dy, 0.5), node);
    case "log":
      return ops.div(dy, x);
    case "reciprocal":
      return ops.neg(ops.mul(dy, ops.mul(node, node)));
    case "softplus":
      return ops.mul(dy, ops.sigmoid(x));
    case "softmax": {
      const weighted = ops.mul(dy, node);
      return ops.sub(weighted, ops.mul(node, ops.sum(weighted, [-1], true)));
    }
    case "matmul":
      return matmulGradient(ops, node, index, dy, operation);
    case "linear":
      return linearGradient(ops, node, index, dy);
    case "reshape":
      return ops.reshape(dy, x.shape);
    case "expand":
      return ops.sumTo(dy, x.shape);
    case "transpose":
      return ops.transpose(
        dy,
        operation.permutation.map((_, axis) => operation.permutation.indexOf(axis)),
      );
    case "sum":
      return ops.expand(ops.reshape(dy, keptShape(x, operation.axes)), x.shape);
    case "max": {
      const kept = keptShape(x, operation.axes);
      const gap = ops.sub(ops.reshape(node, kept), x); // 0 at a maximum, else positive
      const isMaximum = ops.sub(ops.constant(1), ops.sign(gap));
      const share = ops.div(isMaximum, ops.sum(isMaximum, operation.axes, true));
      return ops.mul(ops.reshape(dy, kept), share);
    }
    case "scatterAdd":
      return ops.gather(dy, inputOf(node, 0));
    case "cast":
      return ops.cast(dy, x.type);
    case "dequantise":
      if (index === 0) throw new RangeError("differentiate: int8 values have no gradient");
      return ops.sum(ops.mul(dy, ops.cast(inputOf(node, 0), "float32")), [1]);
    default:
      throw new Error(`internal: no gradient rule for "${operation.kind}"`);
  }
}

/** The shape of `x` with size 1 along `axes`. */
function keptShape(x: Node, axes: readonly number[]): Shape {
  return x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
}

/** y = A B with A = a or aᵀ, B = b or bᵀ: dA = dy Bᵀ and dB = Aᵀ dy, transposed back where the operand was. */
function matmulGradient(
  ops: GraphOps,
  node: Node,
  index: number,
  dy: Node,
  { transposeA, transposeB }: { readonly transposeA: boolean; readonly transposeB: boolean },
): Node {
  const a = inputOf(node, 0);
  const b = inputOf(node, 1);
  if (index === 0) {
    const gradient = transposeA
      ? ops.matmul(b, dy, { transposeA: transposeB, transposeB: true })
      : ops.matmul(dy, b, { transposeB: !transposeB });
    return ops.sumTo(gradient, a.shape);
  }
  const gradient = transposeB
    ? ops.matmul(dy, a, { transposeA: true, transposeB: transposeA })
    : ops.matmul(a, dy, { transposeA: !transposeA });
  return ops.sumTo(gradient, b.shape);
}

/** y = x Wᵀ + b: dx = dy W, dW = dyᵀ x, db = Σ_rows dy. */
function linearGradient(ops: GraphOps, node: Node, index: number, dy: Node): Node {
  switch (index) {
    case 0:
      return ops.matmul(dy, inputOf(node, 1));
    case 1:
      return ops.matmul(dy, inputOf(node, 0), { transposeA: true });
    default:
      return ops.sum(dy, [0]);
  }
}
