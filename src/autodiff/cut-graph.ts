import { createGraph, liveNodes, type Node } from "./graph.ts";

/**
 * Copies the part of a graph that `outputs` need, with the `kept` nodes replaced by inputs. Nodes that only the kept ones need are
 * left out.
 *
 * This is activation checkpointing: the forward graph outputs the kept nodes, and the backward graph, cut at them, reads them under the
 * same names and recomputes whatever else it needs from the forward pass.
 *
 * @param outputs - Node by name
 * @param kept - Node by the name of the input that replaces it
 * @returns The copied outputs, by the same names
 * @throws RangeError if one of the graph's own inputs has a kept node's name
 */
export function cutGraph(
  outputs: ReadonlyMap<string, Node>,
  kept: ReadonlyMap<string, Node>,
): ReadonlyMap<string, Node> {
  const graph = createGraph();
  const inputNames = new Map(Array.from(kept, ([name, node]) => [node, name]));
  const copies = new Map<Node, Node>();
  const copyOf = (node: Node): Node => {
    const copy = copies.get(node);
    if (copy === undefined) throw new Error(`internal: node ${node.id} is read before its copy`);
    return copy;
  };
  for (const node of liveNodes(outputs.values(), new Set(inputNames.keys()))) {
    const { operation, inputs, shape, type } = node;
    const name = inputNames.get(node);
    if (name === undefined) {
      if ("name" in operation && kept.has(operation.name)) {
        throw new RangeError(`cutGraph: the graph has an input "${operation.name}" of its own`);
      }
      copies.set(node, graph.node(operation, inputs.map(copyOf), shape, type));
    } else copies.set(node, graph.node({ kind: "input", name }, [], shape, type));
  }
  return new Map(Array.from(outputs, ([name, node]) => [name, copyOf(node)]));
}
