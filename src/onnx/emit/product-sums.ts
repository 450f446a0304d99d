import { sameShape } from "../../autodiff/shapes.ts";
import type { Node } from "../../autodiff/graph.ts";

/** A sum `product + summand` that one Gemm computes. */
export interface ProductSum {
  readonly product: Node;
  readonly summand: Node;
}

/**
 * The sums of a matrix product and a matrix of the same shape, where nothing else reads the product. ONNX Runtime only fuses such pairs
 * itself if neither factor is transposed.
 *
 * @param nodes - All emitted nodes
 * @param outputs - The emitted nodes that are outputs
 */
export function productSums(
  nodes: readonly Node[],
  outputs: Iterable<Node>,
): ReadonlyMap<Node, ProductSum> {
  const reads = new Map<Node, number>();
  const count = (node: Node): void => void reads.set(node, (reads.get(node) ?? 0) + 1);
  for (const output of outputs) count(output);
  for (const { inputs } of nodes) inputs.forEach(count);

  const sums = new Map<Node, ProductSum>();
  for (const node of nodes) {
    const [a, b] = node.inputs;
    if (node.operation.kind !== "add" || !a || !b || !sameShape(a.shape, b.shape)) continue;
    const product = [b, a].find((operand) => isBareProduct(operand) && reads.get(operand) === 1);
    if (product) sums.set(node, { product, summand: product === a ? b : a });
  }
  return sums;
}

/** Whether the node is a product of two matrices without a bias. */
function isBareProduct({ operation: { kind }, inputs }: Node): boolean {
  const isMatrices = inputs.every(({ shape }) => shape.length === 2);
  return inputs.length === 2 && isMatrices && (kind === "matmul" || kind === "linear");
}
