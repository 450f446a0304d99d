/** @file Computes a graph node by node with TensorFlow.js. Its own differentiation is not used: gradients are nodes too. */
import type { Tensor } from "@tensorflow/tfjs-core";

import type { BinaryKind, Node, UnaryKind } from "../../autodiff/graph.ts";
import { inputOf, isSource, liveNodes } from "../../autodiff/graph.ts";
import type { LoadedTfjs, Tfjs } from "./load-tfjs.ts";
import { multiply } from "./multiply.ts";

/** Tensors by name of a graph's input or parameter. */
export type NamedTensors = Readonly<Record<string, Tensor>>;

/** The part of a graph that some outputs need, compiled. */
export interface GraphProgram {
  /** Names of the inputs and parameters it reads. */
  readonly inputNames: ReadonlySet<string>;
  /**
   * Returns the outputs in order. The caller disposes of them and of the feeds. Intermediate tensors are disposed of after the last
   * node that reads them.
   */
  readonly run: (feeds: NamedTensors) => readonly Tensor[];
  /** Disposes of the constants. */
  readonly close: () => void;
}

/** A node, and the nodes whose values are no longer needed after it. */
interface Instruction {
  readonly node: Node;
  readonly released: readonly Node[];
}

/** Compiles the nodes that `outputs` need. The backend must be active here and in every run. */
export function compileGraph(
  { tf, backend }: Pick<LoadedTfjs, "tf" | "backend">,
  outputs: readonly Node[],
): GraphProgram {
  const nodes = liveNodes(outputs);
  const constants = new Map<Node, Tensor>();
  for (const node of nodes) {
    const { operation } = node;
    if (operation.kind === "constant") {
      constants.set(node, tf.tensor(operation.values, [...node.shape], "float32"));
    }
  }
  const instructions = plan(nodes, new Set(outputs));

  return {
    inputNames: new Set(
      nodes.flatMap(({ operation }) => ("name" in operation ? [operation.name] : [])),
    ),
    run: (feeds) =>
      tf.tidy(() => {
        const values = new Map(constants);
        const valueOf = (node: Node): Tensor => {
          const { operation } = node;
          const value = "name" in operation ? feeds[operation.name] : values.get(node);
          if (value !== undefined) return value;
          throw new Error(`internal: no value for ${describe(node)}`);
        };
        for (const { node, released } of instructions) {
          const value = tf.tidy(() => compute({ tf, backend, valueOf }, node));
          values.set(node, value);
          for (const done of released) {
            valueOf(done).dispose();
            values.delete(done);
          }
        }
        return outputs.map((node) => tf.clone(valueOf(node)));
      }),
    close: () => {
      tf.dispose([...constants.values()]);
    },
  };
}

/** The nodes to compute, in order. Sources, constants and outputs are never released. */
function plan(nodes: readonly Node[], outputs: ReadonlySet<Node>): readonly Instruction[] {
  const computed = nodes.filter((node) => !isSource(node) && node.operation.kind !== "constant");
  const lastUsers = new Map<Node, Node>();
  for (const node of computed) {
    for (const input of node.inputs) lastUsers.set(input, node);
  }
  const released = new Map<Node, Node[]>();
  for (const node of computed) {
    const lastUser = lastUsers.get(node);
    if (lastUser === undefined || outputs.has(node)) continue;
    const others = released.get(lastUser) ?? [];
    released.set(lastUser, [...others, node]);
  }
  return computed.map((node) => ({ node, released: released.get(node) ?? [] }));
}

interface Computation extends Pick<LoadedTfjs, "tf" | "backend"> {
  readonly valueOf: (node: Node) => Tensor;
}

/** A node's value, a new tensor. */
function compute(computation: Computation, node: Node): Tensor {
  const { tf, valueOf } = computation;
  const { operation } = node;
  const input = (index: number): Tensor => valueOf(inputOf(node, index));
  const shape = [...node.shape];
  switch (operation.kind) {
    case "input":
    case "parameter":
    case "constant":
      throw new Error(`internal: ${describe(node)} is not computed`);
    case "add":
    case "sub":
    case "mul":
    case "div":
      return binary(tf, operation.kind)(input(0), input(1));
    case "neg":
    case "relu":
    case "sign":
    case "sigmoid":
    case "tanh":
    case "sqrt":
    case "log":
    case "reciprocal":
    case "softplus":
    case "softmax":
      return unary(tf, operation.kind)(input(0));
    case "matmul":
      return multiply(computation, input(0), input(1), operation);
    case "linear": {
      const product = multiply(computation, input(0), input(1), { transposeB: true });
      return node.inputs.length === 3 ? tf.add(product, input(2)) : product;
    }
    case "gather":
      return tf.gather(input(0), input(1));
    case "scatterAdd": {
      const rows = tf.reshape(input(0), [-1, 1]);
      return tf.scatterND(rows, input(1), shape); // which sums values of equal index
    }
    case "reshape":
      return tf.reshape(input(0), shape);
    case "expand":
      return tf.broadcastTo(input(0), shape);
    case "transpose":
      return tf.transpose(input(0), [...operation.permutation]);
    case "concat":
      return tf.concat(node.inputs.map(valueOf), operation.axis);
    case "slice": {
      const { axis, start } = operation;
      return tf.slice(
        input(0),
        shape.map((_, at) => (at === axis ? start : 0)),
        shape,
      );
    }
    case "sum":
      return tf.sum(input(0), [...operation.axes], operation.keepAxes);
    case "max":
      return tf.max(input(0), [...operation.axes], operation.keepAxes);
    case "cast":
    case "dequantise":
      throw new Error(
        `internal: TensorFlow.js has no ${operation.kind}: its tensors are float32 or int32`,
      );
    default:
      throw new Error(`internal: no kernel for ${JSON.stringify(operation satisfies never)}`);
  }
}

function binary(tf: Tfjs, kind: BinaryKind): (a: Tensor, b: Tensor) => Tensor {
  return tf[kind];
}

function unary(tf: Tfjs, kind: UnaryKind): (x: Tensor) => Tensor {
  return tf[kind];
}

function describe({ id, operation }: Node): string {
  return "name" in operation ? `${operation.kind} "${operation.name}"` : `${operation.kind} ${id}`;
}
