/**
 * @file Finds the sizes in a graph that depend on the batch size.
 *
 * A graph is traced with fixed sizes. Two traces of one model that only differ in batch size have the same nodes in the same order;
 * the sizes that differ between them are those that depend on the batch size.
 */
import { liveNodes, type Node, type Operation } from "./graph.ts";
import type { Shape } from "./ops.ts";

/** In a shape: a size that depends on the batch size. */
export const anySize = -1;

/** Two primes that no other size of a model is likely to equal. */
export const tracedBatchSizes = [10_007, 10_009] as const;

/**
 * The shapes of all nodes that `node` needs, with {@link anySize} for each size that depends on the batch size.
 *
 * @param node - From one trace
 * @param twin - The same node from a trace with another batch size
 * @throws Error "internal: …" naming the first node whose computation depends on the batch size
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

/** Whether the operation can be written without knowing the batch size. */
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
