/**
 * @file Reverse-mode differentiation of a graph into the same graph.
 *
 * Notation of the rules: y = the node, x, a, b = its inputs, dy, dx = gradients of the loss with respect to y and x.
 */
import { collectContributions, type Contribution } from "./contributions.ts";
import { inputOf, type GradientRule, type Graph, type Node } from "./graph.ts";
import { sameShape, show } from "./shapes.ts";
import type { GraphOps } from "./trace.ts";

/**
 * Appends to `graph` what computes the gradient of the scalar `loss` with respect to each of `parameters`.
 *
 * @returns Gradients of the parameters' shapes, in their order
 */
export function differentiate(
  graph: Graph,
  ops: GraphOps,
  loss: Node,
  parameters: readonly Node[],
): readonly Node[] {
  const contributions = new Map<Node, Contribution[]>([
    [loss, [{ kind: "whole", value: ops.constant(1) }]],
  ]);
  const gradients = new Map<Node, Node>();
  for (const node of graph.nodes.slice(0, loss.id + 1).reverse()) {
    const received = contributions.get(node);
    if (received === undefined) continue;
    const gradient = collectContributions(ops, node.shape, received);
    gradients.set(node, gradient);
    const send = (input: Node, sent: Contribution): void => {
      contributions.set(input, [...(contributions.get(input) ?? []), sent]);
    };
    const rule = graph.rules.get(node);
    if (rule === undefined) {
      node.inputs.forEach((input, index) => {
        if (input.trainable) send(input, contribution(ops, node, index, gradient));
      });
    } else {
      for (const [input, value] of ruleGradients(rule, gradient)) {
        if (input.trainable) send(input, { kind: "whole", value });
      }
    }
  }
  return parameters.map((parameter) => {
    const gradient = gradients.get(parameter);
    if (gradient === undefined) {
      const { operation } = parameter;
      const name = "name" in operation ? operation.name : operation.kind;
      throw new Error(`internal: the loss does not depend on "${name}"`);
    }
    return gradient;
  });
}

/** Each input of a given derivative with its gradient. */
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

/** What input number `index` of `node` gets of the gradient `dy` of `node`. */
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
    case "sum": {
      const kept = x.shape.map((size, axis) => (operation.axes.includes(axis) ? 1 : size));
      return ops.expand(ops.reshape(dy, kept), x.shape);
    }
    default:
      throw new Error(`internal: no gradient rule for "${operation.kind}"`);
  }
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
