import { describe, expect, test } from "vitest";

import { differentiate } from "../../src/autodiff/differentiate.ts";
import { createGraph, type Node } from "../../src/autodiff/graph.ts";
import { graphOps } from "../../src/autodiff/trace.ts";
import { emitModel } from "../../src/onnx/emit/emit.ts";
import {
  evaluate,
  gradientError,
  gradientTolerance,
  type Harness,
  runModel,
  type HarnessOptions,
} from "./graph-harness.ts";

type Build = (harness: Harness) => Node;
type GradientCase = readonly [string, Build, HarnessOptions?];

const elementWise: readonly GradientCase[] = [
  ["add", ({ ops, leaf }) => ops.add(leaf("a", [2, 3]), leaf("b", [2, 3]))],
  [
    "add, both operands broadcast",
    ({ ops, leaf }) => ops.add(leaf("a", [2, 1, 3]), leaf("b", [4, 1])),
  ],
  ["add a number", ({ ops, leaf }) => ops.add(leaf("a", [2, 3]), 1.5)],
  ["sub, second operand broadcast", ({ ops, leaf }) => ops.sub(leaf("a", [2, 3]), leaf("b", [3]))],
  [
    "mul, first operand broadcast",
    ({ ops, leaf }) => ops.mul(leaf("a", [1, 3]), leaf("b", [2, 3])),
  ],
  ["mul of a tensor with itself", ({ ops, leaf }) => ops.mul(leaf("a", [2, 3]), leaf("a", [2, 3]))],
  ["div", ({ ops, leaf }) => ops.div(leaf("a", [2, 3]), leaf("b", [2, 1])), { positive: true }],
  ["neg", ({ ops, leaf }) => ops.neg(leaf("a", [2, 3]))],
  ["relu", ({ ops, leaf }) => ops.relu(leaf("a", [4, 5]))],
  ["sigmoid", ({ ops, leaf }) => ops.sigmoid(leaf("a", [2, 3]))],
  ["tanh", ({ ops, leaf }) => ops.tanh(leaf("a", [2, 3]))],
  ["sqrt", ({ ops, leaf }) => ops.sqrt(leaf("a", [2, 3])), { positive: true }],
  ["log", ({ ops, leaf }) => ops.log(leaf("a", [2, 3])), { positive: true }],
  ["reciprocal", ({ ops, leaf }) => ops.reciprocal(leaf("a", [2, 3])), { positive: true }],
  ["softplus", ({ ops, leaf }) => ops.softplus(leaf("a", [2, 3]))],
  ["softmax", ({ ops, leaf }) => ops.softmax(leaf("a", [2, 3, 4]))],
];

const products: readonly GradientCase[] = [
  ...[false, true].flatMap((transposeA) =>
    [false, true].flatMap((transposeB) =>
      [[], [3]].map((batch) => {
        const a = transposeA ? [4, 2] : [2, 4];
        const b = transposeB ? [5, 4] : [4, 5];
        const build: Build = ({ ops, leaf }) =>
          ops.matmul(leaf("a", [...batch, ...a]), leaf("b", [...batch, ...b]), {
            transposeA,
            transposeB,
          });
        const marks = `A${transposeA ? "ᵀ" : ""} B${transposeB ? "ᵀ" : ""}`;
        return [`matmul ${marks}${batch.length > 0 ? ", batched" : ""}`, build] as const;
      }),
    ),
  ),
  [
    "matmul of one matrix with a batch",
    ({ ops, leaf }) => ops.matmul(leaf("a", [2, 4]), leaf("b", [3, 5, 4]), { transposeB: true }),
  ],
  [
    "matmul of a batch with one matrix",
    ({ ops, leaf }) => ops.matmul(leaf("a", [3, 2, 4]), leaf("b", [4, 5])),
  ],
  [
    "linear with bias",
    ({ ops, leaf }) => ops.linear(leaf("x", [3, 4]), leaf("w", [2, 4]), leaf("b", [2])),
  ],
  [
    "linear without bias on three axes",
    ({ ops, leaf }) => ops.linear(leaf("x", [2, 3, 4]), leaf("w", [5, 4])),
  ],
];

const movements: readonly GradientCase[] = [
  [
    "gather, a row twice and a row never",
    ({ ops, leaf, ids }) => ops.gather(leaf("t", [4, 2]), ids([0, 2, 2, 3, 0, 0], [2, 3])),
  ],
  [
    "gather by some of the ids",
    ({ ops, leaf, ids }) =>
      ops.gather(leaf("t", [4, 2]), ops.slice(ids([0, 2, 2, 3, 0, 1], [2, 3]), 1, 1, 2)),
  ],
  [
    "mul with a constant tensor",
    ({ ops, leaf }) => ops.mul(leaf("a", [2, 3]), ops.tensor([1, -2, 0.5], [3])),
  ],
  [
    "gather from one table twice",
    ({ ops, leaf, ids }) => {
      const table = leaf("t", [4, 2]);
      const pair = ops.gather(table, ids([1, 3], [2]));
      return ops.mul(pair, ops.sum(ops.gather(table, ids([1, 1, 0, 2], [2, 2])), [1]));
    },
  ],
  ["reshape with -1", ({ ops, leaf }) => ops.reshape(leaf("a", [2, 6]), [3, -1])],
  ["expand", ({ ops, leaf }) => ops.expand(leaf("a", [1, 3]), [2, 3])],
  ["transpose", ({ ops, leaf }) => ops.transpose(leaf("a", [2, 3, 4]), [2, 0, 1])],
  ["concat", ({ ops, leaf }) => ops.concat([leaf("a", [2, 1]), leaf("b", [2, 3])], -1)],
  ["slice", ({ ops, leaf }) => ops.slice(leaf("a", [2, 5]), 1, 1, 3)],
  [
    "slices that overlap, leave gaps and lie along two axes",
    ({ ops, leaf }) => {
      const a = leaf("a", [4, 5]);
      const rows = ops.mul(ops.slice(a, 0, 1, 2), ops.slice(a, 0, 2, 2)); // [2, 5]
      return ops.mul(ops.slice(rows, 1, 0, 2), ops.slice(ops.slice(a, 1, 3, 2), 0, 0, 2));
    },
  ],
  [
    "split, one part unused",
    ({ ops, leaf }) => {
      const [first, , third] = ops.split(leaf("a", [2, 6]), 1, 3);
      if (!first || !third) throw new Error("expected three parts");
      return ops.mul(first, third);
    },
  ],
  ["sum over all axes", ({ ops, leaf }) => ops.sum(leaf("a", [2, 3]), [0, 1])],
  ["sum over an inner axis", ({ ops, leaf }) => ops.sum(leaf("a", [2, 3, 2]), [1])],
  ["sum, axes kept", ({ ops, leaf }) => ops.sum(leaf("a", [2, 3, 2]), [0, -1], true)],
  ["mean", ({ ops, leaf }) => ops.mean(leaf("a", [2, 3]), [1])],
  ["max over all axes", ({ ops, leaf }) => ops.max(leaf("a", [2, 3]), [0, 1])],
  ["max, axes kept", ({ ops, leaf }) => ops.max(leaf("a", [2, 3, 2]), [1, -1], true)],
  [
    "dequantise, by the scales",
    ({ ops, leaf, bytes }) =>
      ops.dequantise(bytes([1, -2, 3, 100, 0, -128], [2, 3]), leaf("s", [2])),
  ],
];

describe("differentiate", () => {
  for (const [name, build, options] of [...elementWise, ...products, ...movements]) {
    test(`${name}: same gradient as finite differences`, async () => {
      expect(await gradientError(build, options)).toBeLessThan(gradientTolerance);
    });
  }

  test("sums the gradients of a tensor that is used three times", async () => {
    const build: Build = ({ ops, leaf }) => {
      const a = leaf("a", [2, 2]);
      return ops.add(ops.mul(ops.sigmoid(a), a), ops.matmul(a, a));
    };
    expect(await gradientError(build)).toBeLessThan(gradientTolerance);
  });

  test("takes several outputs with their gradients, and differentiates by inputs and inner nodes", async () => {
    const graph = createGraph();
    const ops = graphOps(graph);
    const input = (name: string) => graph.node({ kind: "input", name }, [], [2]);
    const [x, y, dProduct, dSquare] = [input("x"), input("y"), input("p"), input("s")] as const;
    const sum = ops.add(x, y);
    const product = ops.mul(sum, y);
    const square = ops.mul(x, x);
    const outputs = [
      { node: square, gradient: dSquare },
      { node: product, gradient: dProduct },
    ];
    const [dx, dSum, dUnused] = differentiate(graph, ops, outputs, [x, sum, input("unused")]);
    if (!dx || !dSum || !dUnused) throw new Error("expected three gradients");
    const feeds = { x: [1, 2], y: [3, 4], p: [10, 20], s: [100, 200] };
    const gradients = { dx, dSum, dUnused };
    expect(await runModel(emitModel(new Map(Object.entries(gradients))), feeds)).toEqual({
      dx: [100 * 2 + 10 * 3, 200 * 4 + 20 * 4],
      dSum: [30, 80],
      dUnused: [0, 0],
    });
  });

  test("computes no gradient for frozen nodes", () => {
    const graph = createGraph();
    const ops = graphOps(graph);
    const x = graph.node({ kind: "input", name: "x" }, [], [4, 3]);
    const frozen = graph.node({ kind: "parameter", name: "frozen" }, [], [2, 3]);
    const dy = graph.node({ kind: "input", name: "dy" }, [], [4, 2]);
    const output = { node: ops.linear(x, frozen), gradient: dy };
    const [dx] = differentiate(graph, ops, [output], [x]);
    expect(dx?.inputs).toEqual([dy, frozen]);
    expect(graph.nodes).toHaveLength(5); // no gradient of the weights
  });

  test("refuses a gradient whose shape is not its output's, and int8 targets", () => {
    const graph = createGraph();
    const ops = graphOps(graph);
    const values = graph.node({ kind: "input", name: "values" }, [], [2, 3], "int8");
    const node = ops.dequantise(values, ops.tensor([1, 2], [2]));
    const by = (gradient: Node) => () => differentiate(graph, ops, [{ node, gradient }], [values]);
    expect(by(ops.constant(1))).toThrow(
      "differentiate: an output of shape [2, 3] has a gradient of shape []",
    );
    expect(by(node)).toThrow("differentiate: int8 values have no gradient");
  });

  test("a float16 input has a float16 gradient", () => {
    const graph = createGraph();
    const ops = graphOps(graph);
    const table = graph.node({ kind: "input", name: "table" }, [], [3, 2], "float16");
    const node = ops.mul(ops.cast(ops.transpose(table, [1, 0]), "float32"), 2);
    const [gradient] = differentiate(graph, ops, [{ node, gradient: node }], [table]);
    expect(gradient).toMatchObject({ shape: [3, 2], type: "float16" });
  });

  test("a custom derivative replaces the chain rule", async () => {
    // sum_j of a_ij w_j with a custom gradient, between operations with derived ones
    const build: Build = ({ ops, leaf }) => {
      const a = ops.sigmoid(leaf("a", [2, 3]));
      const w = leaf("w", [3, 1]);
      const product = ops.withGradients(
        ops.sum(ops.mul(a, ops.reshape(w, [3])), [1], true),
        [a, w],
        (dy) => [ops.matmul(dy, w, { transposeB: true }), ops.matmul(a, dy, { transposeA: true })],
      );
      return ops.mul(product, w.shape.length);
    };
    expect(await gradientError(build)).toBeLessThan(gradientTolerance);
    const wrong: Build = ({ ops, leaf }) => {
      const a = leaf("a", [2]);
      return ops.withGradients(ops.mul(a, a), [a], (dy) => [dy]);
    };
    expect(await gradientError(wrong)).toBeGreaterThan(0.1);
  });

  test.each([
    ["none", () => []],
    ["one of shape [3, 2]", (dy: Node, { ops }: Harness) => [ops.transpose(dy, [1, 0])]],
  ])("a custom derivative must fit its inputs: refuses %s", async (given, gradientsOf) => {
    const build: Build = (harness) => {
      const a = harness.leaf("a", [2, 3]);
      return harness.ops.withGradients(harness.ops.neg(a), [a], (dy) => gradientsOf(dy, harness));
    };
    await expect(gradientError(build)).rejects.toThrow(
      `withGradients: input 0 of shape [2, 3] is given ${given}`,
    );
  });

  test("two look-ups in one table share a scatter", () => {
    const graph = createGraph();
    const ops = graphOps(graph);
    const table = graph.node({ kind: "parameter", name: "table" }, [], [5, 2]);
    const ids = graph.node({ kind: "input", name: "ids" }, [], [3], "int32");
    const loss = ops.sum(ops.mul(ops.gather(table, ids), ops.gather(table, ids)), [0, 1]);
    differentiate(graph, ops, [{ node: loss, gradient: ops.constant(1) }], [table]);
    const scatters = graph.nodes.filter(({ operation }) => operation.kind === "scatterAdd");
    expect(scatters).toHaveLength(1);
  });
});

describe("graphOps", () => {
  test("computes the same as PyTorch: softmax over rows, linear with bias", async () => {
    const softmax = await evaluate(({ ops, leaf }) => ops.softmax(leaf("a", [2, 2])), {
      values: { a: [0, Math.log(3), 1000, 1000] },
    });
    expect(softmax.values.map((value) => value.toFixed(4))).toEqual([
      "0.2500",
      "0.7500",
      "0.5000",
      "0.5000",
    ]);
    const linear = await evaluate(
      ({ ops, leaf }) => ops.linear(leaf("x", [1, 2]), leaf("w", [2, 2]), leaf("b", [2])),
      { values: { x: [1, 2], w: [3, 4, 5, 6], b: [10, 20] } },
    );
    expect(linear).toEqual({ shape: [1, 2], values: [1 * 3 + 2 * 4 + 10, 1 * 5 + 2 * 6 + 20] });
  });

  test("equal maxima share the gradient", async () => {
    const graph = createGraph();
    const ops = graphOps(graph);
    const x = graph.node({ kind: "input", name: "x" }, [], [2, 3]);
    const dy = graph.node({ kind: "input", name: "dy" }, [], [2]);
    const [dx] = differentiate(graph, ops, [{ node: ops.max(x, [1]), gradient: dy }], [x]);
    if (!dx) throw new Error("expected a gradient");
    const feeds = { x: [1, 5, 5, -1, -2, -3], dy: [4, 7] };
    expect(await runModel(emitModel(new Map([["dx", dx]])), feeds)).toEqual({
      dx: [0, 2, 2, 7, 0, 0],
    });
  });

  test("converts compact types to float32: 8-bit rows by their scales, rows of a float16 table", async () => {
    const rows = await evaluate(({ ops, bytes }) =>
      ops.dequantise(bytes([1, -2, 3, 100, 0, -128], [2, 3]), ops.tensor([0.5, 2], [2])),
    );
    expect(rows).toEqual({ shape: [2, 3], values: [0.5, -1, 1.5, 200, 0, -256] });
    const halves = await evaluate(({ ops, ids }) => {
      const table = ops.cast(ops.tensor([1, 2, 3.14159, 4], [2, 2]), "float16");
      return ops.cast(ops.gather(table, ids([1, 1], [2])), "float32");
    });
    expect(halves.values).toEqual([3.140625, 4, 3.140625, 4]);
  });

  const shapeErrors: readonly (readonly [string, Build])[] = [
    [
      "add: [2, 3] and [2] do not broadcast",
      ({ ops, leaf }) => ops.add(leaf("a", [2, 3]), leaf("b", [2])),
    ],
    [
      "matmul: [2, 3] times [2, 3]",
      ({ ops, leaf }) => ops.matmul(leaf("a", [2, 3]), leaf("b", [2, 3])),
    ],
    [
      "matmul: [2, 3] times [4, 2] transposed",
      ({ ops, leaf }) => ops.matmul(leaf("a", [2, 3]), leaf("b", [4, 2]), { transposeB: true }),
    ],
    [
      "linear: [2, 3] with [4, 2]",
      ({ ops, leaf }) => ops.linear(leaf("a", [2, 3]), leaf("w", [4, 2])),
    ],
    [
      "reshape: [2, 3] does not fit [4, -1]",
      ({ ops, leaf }) => ops.reshape(leaf("a", [2, 3]), [4, -1]),
    ],
    [
      "concat: [2, 3] and [3, 3] along axis 1",
      ({ ops, leaf }) => ops.concat([leaf("a", [2, 3]), leaf("b", [3, 3])], 1),
    ],
    [
      "slice: positions 2 to 4 of axis 1 of [2, 3]",
      ({ ops, leaf }) => ops.slice(leaf("a", [2, 3]), 1, 2, 2),
    ],
    [
      "split: [2, 3] into 2 parts along axis 1",
      ({ ops, leaf }) => ops.split(leaf("a", [2, 3]), 1, 2)[0] ?? leaf("b", []),
    ],
    ["sum: axis 2 of a tensor of shape [2, 3]", ({ ops, leaf }) => ops.sum(leaf("a", [2, 3]), [2])],
    ["transpose: [0, 0] of [2, 3]", ({ ops, leaf }) => ops.transpose(leaf("a", [2, 3]), [0, 0])],
    ["tensor: 3 values for shape [2, 2]", ({ ops }) => ops.tensor([1, 2, 3], [2, 2])],
    [
      "mul: expected float32, got int32",
      ({ ops, leaf, ids }) => ops.mul(leaf("a", [2]), ids([1, 2], [2])),
    ],
    [
      "dequantise: int8 [2, 3] with scales [3]",
      ({ ops, leaf, bytes }) => ops.dequantise(bytes([1, 2, 3, 4, 5, 6], [2, 3]), leaf("s", [3])),
    ],
    [
      "gather: expected int32 indices",
      ({ ops, leaf }) => ops.gather(leaf("a", [2, 3]), leaf("b", [2])),
    ],
    [
      'parameter "a": declared with shape [2] and [3]',
      ({ ops, leaf }) => ops.concat([leaf("a", [2]), leaf("a", [3])], 0),
    ],
  ];
  test.each(shapeErrors)("refuses %s", async (message, build) => {
    await expect(evaluate(build)).rejects.toThrow(message);
  });
});
