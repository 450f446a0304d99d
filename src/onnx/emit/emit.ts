/** @file Writes a graph as an ONNX model. */
import type { Shape } from "../../autodiff/ops.ts";
import { onnxModelWriter, type OnnxModelWriter, type OnnxShape } from "../format/model-writer.ts";
import { isSource, liveNodes, type Node } from "../../autodiff/graph.ts";
import { anySize } from "../../autodiff/symbolic-batch.ts";
import { emitNode, type Emission } from "./emit-node.ts";
import { emittedConstants } from "./emitted-constants.ts";
import { productSums } from "./product-sums.ts";

/** An ONNX model, and the names of the inputs and parameters that it reads. */
export interface EmittedModel {
  readonly bytes: Uint8Array;
  readonly inputNames: readonly string[];
}

/**
 * The part of the graph that `outputs` need, as an ONNX model of fixed sizes, but for inputs of any length. The graph's inputs and
 * parameters are its inputs.
 *
 * @param outputs - Output name to node
 */
export function emitModel(outputs: ReadonlyMap<string, Node>): EmittedModel {
  const writer = onnxModelWriter("r4ec");
  const inputNames: string[] = [];
  emitGraph(writer, outputs, {
    writeSource: (name, { operation, type, shape }) => {
      inputNames.push(name);
      const length = operation.kind === "input" ? operation.length : undefined;
      writer.input(name, type, length === undefined ? shape : [length, ...shape.slice(1)]);
    },
  });
  return { bytes: writer.bytes(), inputNames };
}

export interface EmitOptions {
  /** Defines the value `name` of an input or a parameter. Called once per node. */
  readonly writeSource: (name: string, node: Node) => void;
  /** A node's shape, with {@link anySize} for sizes that depend on the batch. Default: its traced shape. */
  readonly shapeOf?: (node: Node) => Shape;
  /** Whether to avoid ONNX Runtime's own operators, so that other runtimes can run the model. Default false. */
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
  const nodes = liveNodes(outputs.values());
  const emission: Emission = {
    writer,
    nameOf: (node) => names.get(node) ?? ownName(node),
    ...emittedConstants(writer),
    sums: productSums(nodes, outputs.values()),
    shapeOf,
    isPortable,
  };
  const fused = new Set(Array.from(emission.sums.values(), ({ product }) => product));
  for (const node of nodes) {
    const { operation } = node;
    if (fused.has(node)) continue;
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

/** A shape as inputs and outputs declare it. */
export function onnxShape(shape: Shape): OnnxShape {
  return shape.map((size) => (size === anySize ? "batch" : size));
}

function ownName(node: Node): string {
  return "name" in node.operation ? node.operation.name : `${node.operation.kind}.${node.id}`;
}
