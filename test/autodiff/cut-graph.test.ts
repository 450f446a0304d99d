import { describe, expect, test } from "vitest";

import { cutGraph } from "../../src/autodiff/cut-graph.ts";
import { differentiate } from "../../src/autodiff/differentiate.ts";
import { createGraph, liveNodes, type Node } from "../../src/autodiff/graph.ts";
import { graphOps } from "../../src/autodiff/trace.ts";
import { createRandom } from "../../src/base/random.ts";
import { emitModel } from "../../src/onnx/emit/emit.ts";
import { runModel } from "./graph-harness.ts";

/** Two layers with a residual, and the gradients of their input and weights. */
function network() {
  const graph = createGraph();
  const ops = graphOps(graph);
  const input = (name: string, ...shape: readonly number[]): Node =>
    graph.node({ kind: "input", name }, [], shape);
  const x = input("x", 4, 3);
  const dy = input("dy", 4, 3);
  const [first, second] = [input("first", 5, 3), input("second", 3, 5)] as const;
  const product = ops.linear(x, first); // [4, 5]
  const hidden = ops.tanh(product);
  const sum = ops.add(ops.linear(hidden, second), x); // [4, 3]
  const y = ops.softmax(sum);
  const targets = [x, first, second];
  const gradients = differentiate(graph, ops, [{ node: y, gradient: dy }], targets);
  const named = new Map(
    gradients.map((gradient, index) => [["dx", "dFirst", "dSecond"][index] ?? "", gradient]),
  );
  const random = createRandom(3);
  const values = Object.fromEntries(
    Object.entries({ x, dy, first, second }).map(
      ([
        name,
        {
          shape: [rows = 0, columns = 0],
        },
      ]) => [name, Array.from({ length: rows * columns }, random.normal)],
    ),
  );
  return { product, hidden, sum, y, gradients: named, values };
}

describe("cutGraph", () => {
  test.each([
    ["nothing", [], []],
    ["an activation", ["hidden"], ["hidden"]],
    ["two sums", ["product", "sum"], ["product", "sum"]],
    ["every tensor", ["product", "hidden", "sum", "y"], ["hidden", "y"]],
  ] as const)("two models that share %s give the gradients of one", async (_name, names, read) => {
    const { gradients, values, ...forward } = network();
    const kept = new Map<string, Node>(names.map((name) => [name, forward[name]]));
    const forwardModel = emitModel(new Map<string, Node>([...kept, ["y", forward.y]]));
    const backward = cutGraph(gradients, kept);
    const saved = await runModel(forwardModel, values);
    const model = emitModel(backward);
    expect(model.inputNames.filter((name) => kept.has(name))).toEqual(read);
    expect(await runModel(model, { ...values, ...saved })).toEqual(
      await runModel(emitModel(gradients), values),
    );
  });

  test("leaves out nodes that only the kept nodes need", () => {
    const { gradients, product, hidden, y } = network();
    const kept = new Map([
      ["hidden", hidden],
      ["y", y],
    ]);
    const nodes = liveNodes(cutGraph(gradients, kept).values());
    expect(liveNodes(gradients.values())).toContain(product);
    expect(nodes.filter(({ operation }) => operation.kind === "linear")).toEqual([]);
    expect(nodes.filter(({ operation }) => operation.kind === "softmax")).toEqual([]);
  });

  test("passes a kept node that is also an output through", async () => {
    const { y } = network();
    const outputs = cutGraph(new Map([["same", y]]), new Map([["y", y]]));
    const values = Array.from({ length: 12 }, (_, index) => index);
    expect(await runModel(emitModel(outputs), { y: values })).toEqual({ same: values });
  });

  test("refuses a name that an input of the graph already has", () => {
    const { gradients, hidden } = network();
    expect(() => cutGraph(gradients, new Map([["x", hidden]]))).toThrow(
      'cutGraph: the graph has an input "x" of its own',
    );
  });
});
