import { inputOf, type Node } from "../graph/graph.ts";

/**
 * The nodes `sign(relu(x))` that serve as factors only, as in the gradient of ReLU. As a condition, `y > 0`, they select the other
 * factor in less than half the time that ONNX Runtime takes for a sign and a product.
 *
 * @param nodes - All nodes that are emitted
 * @param outputs - Those of them that are results, and so have to be numbers
 */
export function reluMasks(nodes: readonly Node[], outputs: Iterable<Node>): ReadonlySet<Node> {
  const masks = new Set(
    nodes.filter(
      (node) => node.operation.kind === "sign" && inputOf(node, 0).operation.kind === "relu",
    ),
  );
  for (const output of outputs) masks.delete(output);
  for (const { operation, inputs } of nodes) {
    const [a, b] = inputs;
    if (operation.kind === "mul" && a !== b && !(a && b && masks.has(a) && masks.has(b))) continue;
    for (const input of inputs) masks.delete(input);
  }
  return masks;
}
