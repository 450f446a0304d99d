import type { Node } from "../../autodiff/graph.ts";
import type { Shape } from "../../autodiff/ops.ts";
import { symbolicShapes } from "../../autodiff/symbolic-batch.ts";
import { onnxModelWriter } from "../format/model-writer.ts";
import { emitGraph, onnxShape, type EmittedModel } from "./emit.ts";

/**
 * A graph as an ONNX model in which one size is free: that in which two traces of it differ. The graph's inputs and parameters are
 * its inputs.
 *
 * @param outputs - Output name to node
 * @param twin - The same outputs of a trace with another size
 * @throws Error "internal: …" naming the first node that cannot be written for any size
 */
export function emitAnyLength(
  outputs: ReadonlyMap<string, Node>,
  twin: ReadonlyMap<string, Node>,
): EmittedModel {
  const shapes = new Map<Node, Shape>();
  for (const [name, node] of outputs) {
    const other = twin.get(name);
    if (other === undefined) throw new Error(`internal: the twin has no output "${name}"`);
    for (const [each, shape] of symbolicShapes(node, other)) shapes.set(each, shape);
  }
  const shapeOf = (node: Node): Shape => shapes.get(node) ?? node.shape;
  const writer = onnxModelWriter("r4ec");
  const inputNames: string[] = [];
  emitGraph(writer, outputs, {
    shapeOf,
    writeSource: (name, node) => {
      inputNames.push(name);
      writer.input(name, node.type, onnxShape(shapeOf(node)));
    },
  });
  return { bytes: writer.bytes(), inputNames };
}
