import { describe, expect, test } from "vitest";
import { createGraph, type Node } from "../../src/autodiff/graph.ts";
import { symbolicShapes } from "../../src/autodiff/symbolic-batch.ts";
import { graphOps, type GraphOps } from "../../src/autodiff/trace.ts";

/** A computation traced for 5 and for 7 rows; gives the first trace's last node and its symbolic shape. */
function symbolic(build: (ops: GraphOps, x: Node, rows: number) => Node): readonly number[] {
  const [five, seven] = [5, 7].map((rows) => {
    const graph = createGraph();
    const x = graph.node({ kind: "input", name: "x" }, [], [rows, 3, 4]);
    return build(graphOps(graph), x, rows);
  });
  if (five === undefined || seven === undefined) throw new Error("nothing was traced");
  return symbolicShapes(five, seven).get(five) ?? [];
}

describe("symbolicShapes", () => {
  test("follows the batch through products, sums and new shapes", () => {
    expect(symbolic((_ops, x) => x)).toEqual([-1, 3, 4]);
    expect(symbolic((ops, x) => ops.sum(x, [1]))).toEqual([-1, 4]);
    expect(symbolic((ops, x, rows) => ops.reshape(x, [rows * 3, 4]))).toEqual([-1, 4]);
    expect(symbolic((ops, x) => ops.matmul(x, x, { transposeB: true }))).toEqual([-1, 3, 3]);
    expect(symbolic((ops, x) => ops.transpose(x, [1, 0, 2]))).toEqual([3, -1, 4]);
    expect(symbolic((ops, x) => ops.sum(x, [0]))).toEqual([3, 4]);
  });

  test("names nodes that depend on the batch size", () => {
    // The mean over the rows is a product with 1/5, then with 1/7.
    expect(() => symbolic((ops, x) => ops.mean(x, [0]))).toThrow(/^internal: constant node 2 of/);
    expect(() => symbolic((ops, _x, rows) => ops.constant(1, [rows]))).toThrow(/constant node 1/);
    expect(() => symbolic((ops, x, rows) => ops.slice(x, 0, rows - 2, 2))).toThrow(/slice node 1/);
    expect(() =>
      symbolic((ops, x, rows) => ops.expand(ops.sum(x, [0], true), [rows, 3, 4])),
    ).toThrow("internal: expand node 2 of shape [5, 3, 4] cannot be written for any batch size");
    expect(() =>
      symbolic((ops, x, rows) => {
        const pairs = ops.matmul(ops.reshape(x, [rows, 12]), ops.reshape(x, [rows, 12]), {
          transposeB: true,
        });
        return ops.reshape(pairs, [1, rows, rows]);
      }),
    ).toThrow(/reshape node 4 of shape \[1, 5, 5\]/);
  });

  test("refuses a model whose computation depends on the batch size", () => {
    expect(() => symbolic((ops, x, rows) => (rows === 5 ? ops.relu(x) : ops.tanh(x)))).toThrow(
      /relu node 1/,
    );
  });
});
