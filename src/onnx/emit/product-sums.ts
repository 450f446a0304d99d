import { sameShape } from "../../autodiff/shapes.ts";
import type { Node } from "../../autodiff/graph.ts";

/** A sum `product + summand` that Gemm computes as one: the product is added to what its result begins with. */
export interface ProductSum {
  readonly product: Node;
  readonly summand: Node;
}

/**
 * The sums of a matrix product and a matrix of its shape, where nothing else reads the product. ONNX Runtime fuses such a pair itself,
 * but only if neither matrix is transposed.
 *
 * @param nodes - All nodes that are emitted
 * @param outputs - Those of them that are results
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

/** Whether Gemm computes the node, without a third matrix. */
function isBareProduct({ operation: { kind }, inputs }: Node): boolean {
  const isMatrices = inputs.every(({ shape }) => shape.length === 2);
  return inputs.length === 2 && isMatrices && (kind === "matmul" || kind === "linear");
}
