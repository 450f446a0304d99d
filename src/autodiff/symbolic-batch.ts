/**
 * @file Tells which sizes of a graph depend on the batch.
 *
 * Graphs are traced with whole numbers for sizes. Two traces of one model that differ in the batch size alone have the same nodes
 * in the same order, and exactly the sizes that depend on the batch differ between them.
 */
import { liveNodes, type Node, type Operation } from "./graph.ts";
import type { Shape } from "./ops.ts";

/** Stands in a shape for a size that depends on the batch. */
export const anySize = -1;

/** Two batch sizes that no other size of a model is likely to equal or divide. */
export const tracedBatchSizes = [10_007, 10_009] as const;

/**
 * The shapes of all nodes that `node` needs, with {@link anySize} for each size that depends on the batch.
 *
 * @param node - Of one trace
 * @param twin - The same node of a trace with another batch size
 * @throws Error "internal: …" naming the first node that is not the same computation for every batch size
 */
export function symbolicShapes(node: Node, twin: Node): ReadonlyMap<Node, Shape> {
  const shapes = new Map<Node, Shape>();
  const twins = new Map<Node, Node>();
  const others = liveNodes([twin]);
  for (const [place, one] of liveNodes([node]).entries()) {
    const other = others[place];
    if (other === undefined || !isSameComputation(one, other, twins)) throw batchBound(one);
    twins.set(one, other);
    const shape = one.shape.map((size, axis) => (size === other.shape[axis] ? size : anySize));
    if (!isExpressible(one.operation, shape)) throw batchBound(one);
    shapes.set(one, shape);
  }
  return shapes;
}

function isSameComputation(one: Node, other: Node, twins: ReadonlyMap<Node, Node>): boolean {
  return (
    one.shape.length === other.shape.length &&
    one.inputs.length === other.inputs.length &&
    one.inputs.every((input, index) => twins.get(input) === other.inputs[index]) &&
    isSameOperation(one.operation, other.operation)
  );
}

function isSameOperation(one: Operation, other: Operation): boolean {
  if (one.kind === "constant" && other.kind === "constant") {
    const { values } = other;
    return (
      one.values.length === values.length && one.values.every((value, at) => value === values[at])
    );
  }
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Whether the operation can be written down without knowing the sizes that depend on the batch. */
function isExpressible({ kind }: Operation, shape: Shape): boolean {
  const unknown = shape.filter((size) => size === anySize).length;
  switch (kind) {
    case "reshape":
      return unknown <= 1;
    case "expand":
    case "scatterAdd":
      return unknown === 0;
    default:
      return true;
  }
}

function batchBound({ operation, id, shape }: Node): Error {
  return new Error(
    `internal: ${operation.kind} node ${id} of shape [${shape.join(", ")}] cannot be written for any batch size`,
  );
}
