/** @file How much memory a graph takes while it is computed, before anything is. */
import { elements } from "../base/element-count.ts";
import type { ElementType } from "./ops.ts";
import { isSource, liveNodes, type Node } from "./graph.ts";

const bytesPerElement = { float32: 4, float16: 2, int32: 4, int8: 1 } as const satisfies Record<
  ElementType,
  number
>;

/**
 * The most bytes that computed tensors take at a time, when nodes are computed in order and each tensor is released after its last
 * user. Inputs, parameters and constants are not counted, and reshaped tensors share the memory of their input. An engine may take
 * more, for its buffers, or less, where it computes in place.
 */
export function peakBytes(outputs: readonly Node[]): number {
  const nodes = liveNodes(outputs);
  const owners = new Map<Node, Node>();
  const ownerOf = (node: Node): Node => owners.get(node) ?? node;
  const lastUsers = new Map<Node, Node>();
  for (const node of nodes) {
    const [input] = node.inputs;
    if (node.operation.kind === "reshape" && input) owners.set(node, ownerOf(input));
    for (const each of node.inputs) lastUsers.set(ownerOf(each), node);
  }
  for (const output of outputs) lastUsers.delete(ownerOf(output));
  const released = new Map<Node, Node[]>();
  for (const [owner, user] of lastUsers) {
    const others = released.get(user);
    if (others) others.push(owner);
    else released.set(user, [owner]);
  }
  let [held, peak] = [0, 0];
  for (const node of nodes) {
    if (!owners.has(node)) held += ownBytes(node);
    peak = Math.max(peak, held);
    for (const done of released.get(node) ?? []) held -= ownBytes(done);
  }
  return peak;
}

function ownBytes(node: Node): number {
  if (isSource(node) || node.operation.kind === "constant") return 0;
  return elements(node.shape) * bytesPerElement[node.type];
}
