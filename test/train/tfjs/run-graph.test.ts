import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { createGraph, type Graph, type Node } from "../../../src/autodiff/graph.ts";
import { elements } from "../../../src/base/element-count.ts";
import { graphOps, type GraphOps } from "../../../src/autodiff/trace.ts";
import { emitModel } from "../../../src/onnx/emit/emit.ts";
import { createSession, loadOnnxRuntime } from "../../../src/onnx/session/runtime.ts";
import { createRandom } from "../../../src/base/random.ts";
import { loadTfjs } from "../../../src/train/tfjs/load-tfjs.ts";
import { compileGraph } from "../../../src/train/tfjs/run-graph.ts";

/** What a case is built from. */
interface Parts {
  readonly ops: GraphOps;
  /** An input of numbers from N(0, 1). */
  readonly numbers: (...shape: readonly number[]) => Node;
  /** The same, all at least 0.5. */
  readonly positive: (...shape: readonly number[]) => Node;
  /** An input of row numbers. */
  readonly ids: (values: readonly number[]) => Node;
}

const cases: Readonly<Record<string, (parts: Parts) => Node>> = {
  add: ({ ops, numbers }) => ops.add(numbers(2, 1, 3), numbers(4, 1)),
  sub: ({ ops, numbers }) => ops.sub(numbers(2, 3), numbers(3)),
  mul: ({ ops, numbers }) => ops.mul(numbers(1, 3), numbers(2, 3)),
  div: ({ ops, numbers, positive }) => ops.div(numbers(2, 3), positive(2, 1)),
  constant: ({ ops, numbers }) => ops.add(ops.mul(numbers(2, 3), 0.5), ops.constant(2, [3])),
  neg: ({ ops, numbers }) => ops.neg(numbers(2, 3)),
  relu: ({ ops, numbers }) => ops.relu(numbers(4, 5)),
  sign: ({ ops, numbers }) => ops.sign(ops.relu(numbers(4, 5))),
  sigmoid: ({ ops, numbers }) => ops.sigmoid(ops.mul(numbers(4, 5), 20)),
  tanh: ({ ops, numbers }) => ops.tanh(ops.mul(numbers(4, 5), 5)),
  sqrt: ({ ops, positive }) => ops.sqrt(positive(2, 3)),
  log: ({ ops, positive }) => ops.log(positive(2, 3)),
  reciprocal: ({ ops, positive }) => ops.reciprocal(positive(2, 3)),
  max: ({ ops, numbers }) => ops.max(numbers(2, 3, 2), [1]),
  "max, axes kept": ({ ops, numbers }) => ops.max(numbers(2, 3), [-1], true),
  softplus: ({ ops, numbers }) => ops.softplus(ops.mul(numbers(4, 5), 20)),
  softmax: ({ ops, numbers }) => ops.softmax(ops.mul(numbers(2, 3, 4), 10)),
  matmul: ({ ops, numbers }) => ops.matmul(numbers(2, 4), numbers(4, 5)),
  "matmul, transposed": ({ ops, numbers }) =>
    ops.matmul(numbers(4, 2), numbers(5, 4), { transposeA: true, transposeB: true }),
  "matmul, batched": ({ ops, numbers }) =>
    ops.matmul(numbers(3, 4, 2), numbers(3, 5, 4), { transposeA: true, transposeB: true }),
  "matmul of a batch of one": ({ ops, numbers }) => ops.matmul(numbers(1, 2, 4), numbers(1, 4, 3)),
  "matmul of a batch with one matrix": ({ ops, numbers }) =>
    ops.matmul(numbers(3, 2, 4), numbers(5, 4), { transposeB: true }),
  "linear with bias": ({ ops, numbers }) => ops.linear(numbers(3, 4), numbers(2, 4), numbers(2)),
  "linear without bias on three axes": ({ ops, numbers }) =>
    ops.linear(numbers(2, 3, 4), numbers(5, 4)),
  gather: ({ ops, numbers, ids }) => ops.gather(numbers(4, 2), ids([0, 2, 2, 3])),
  "scatterAdd, a row three times": ({ ops, numbers, ids }) =>
    ops.scatterAdd(ids([3, 0, 3, 3]), numbers(4, 2), [5, 2]),
  "scatterAdd of matrices": ({ ops, numbers, ids }) =>
    ops.scatterAdd(ids([1, 1]), numbers(2, 2, 3), [3, 2, 3]),
  reshape: ({ ops, numbers }) => ops.reshape(numbers(2, 6), [3, -1]),
  expand: ({ ops, numbers }) => ops.expand(numbers(1, 3), [2, 3]),
  transpose: ({ ops, numbers }) => ops.transpose(numbers(2, 3, 4), [2, 0, 1]),
  concat: ({ ops, numbers }) => ops.concat([numbers(2, 1), numbers(2, 3)], -1),
  slice: ({ ops, numbers }) => ops.slice(numbers(2, 5), 1, 1, 3),
  "sum over all axes": ({ ops, numbers }) => ops.sum(numbers(2, 3), [0, 1]),
  "sum, axes kept": ({ ops, numbers }) => ops.sum(numbers(2, 3, 2), [0, -1], true),
  // The wasm backend would take the second product's matrix for the first's: same memory, other shape.
  "two products with one matrix under two shapes": ({ ops, numbers }) => {
    const matrix = numbers(2, 3);
    const first = ops.matmul(numbers(1, 2), matrix); // [1, 3]
    return ops.concat([first, ops.matmul(numbers(1, 3), ops.reshape(matrix, [3, 2]))], 1);
  },
};

describe.each(["cpu", "wasm"])("compileGraph on %s", (device) => {
  for (const [name, build] of Object.entries(cases)) {
    test(`${name}: as ONNX Runtime, and no tensor stays`, async () => {
      const { output, arrays, graph } = traced(build);
      const expected = await onnxValues(graph, output, arrays);
      const loaded = await loadTfjs(device);
      const before = tf.memory().numTensors;
      const program = compileGraph(loaded, [output]);
      const feeds = eachInput(graph, arrays, (values, shape) =>
        tf.tensor(values, [...shape], values instanceof Int32Array ? "int32" : "float32"),
      );
      for (let run = 0; run < 2; run++) {
        const [result] = program.run(feeds);
        expect(result?.shape).toEqual(output.shape);
        const values = [...((await result?.data()) ?? [])];
        expect(values).toHaveLength(expected.length);
        values.forEach((value, at) => {
          const scale = Math.max(1, Math.abs(expected[at] ?? Number.NaN));
          expect(Math.abs(value - (expected[at] ?? Number.NaN)) / scale).toBeLessThan(1e-6);
        });
        result?.dispose();
      }
      tf.dispose(feeds);
      program.close();
      expect(tf.memory().numTensors).toBe(before);
    });
  }
});

describe("compileGraph", () => {
  const graph = createGraph();
  const ops = graphOps(graph);
  const x = graph.node({ kind: "input", name: "x" }, [], [2]);
  graph.node({ kind: "input", name: "unused" }, [], [2]);
  let feeds: Readonly<Record<string, tf.Tensor>>;
  beforeEach(async () => {
    await loadTfjs("cpu");
    feeds = { x: tf.tensor1d([1, 2]) };
  });
  afterEach(() => {
    tf.dispose(feeds);
  });

  test("gives an input, a value of use to others, and the same node twice as tensors of their own", async () => {
    const twice = ops.mul(x, 2);
    const program = compileGraph(await loadTfjs("cpu"), [x, twice, ops.add(twice, 1), twice]);
    expect([...program.inputNames]).toEqual(["x"]);
    const results = program.run(feeds);
    tf.dispose(results[1] ?? []);
    const values = [results[0], results[2], results[3]].map((result) => [
      ...(result?.dataSync() ?? []),
    ]);
    expect(values).toEqual([
      [1, 2],
      [3, 5],
      [2, 4],
    ]);
    tf.dispose([...results]);
    expect(feeds["x"]?.isDisposed).toBe(false);
    program.close();
  });

  test("keeps no more than is still needed: ten nodes in a row never have three values at once", async () => {
    let node = x;
    for (let step = 0; step < 10; step++) node = ops.tanh(node);
    const program = compileGraph(await loadTfjs("cpu"), [node]);
    const profile = await tf.profile(() => [...program.run(feeds)]);
    expect(profile.kernels.map(({ name }) => name)).toEqual([
      ...Array<string>(10).fill("Tanh"),
      "Identity",
    ]);
    // One number more than before and at most: x, the value that is read and the value that is written, 8 bytes each.
    expect(profile.peakBytes - (tf.memory().numBytes - 8)).toBeLessThanOrEqual(2 * 8);
    program.close();
  });

  test("refuses types that TensorFlow.js has not", async () => {
    const program = compileGraph(await loadTfjs("cpu"), [ops.cast(x, "float16")]);
    expect(() => program.run(feeds)).toThrow(
      "internal: TensorFlow.js has no cast: its tensors are float32 or int32",
    );
    program.close();
  });

  test("a missing feed and a broken kernel leave nothing behind", async () => {
    const wrong = graph.node({ kind: "reshape" }, [ops.neg(x)], [3]);
    const program = compileGraph(await loadTfjs("cpu"), [wrong]);
    const before = tf.memory().numTensors;
    expect(() => program.run({})).toThrow('internal: no value for input "x"');
    expect(() => program.run(feeds)).toThrow("Size(2) must match the product of shape 3");
    expect(tf.memory().numTensors).toBe(before);
    program.close();
  });
});

type Arrays = Readonly<Record<string, Float32Array | Int32Array>>;

function traced(build: (parts: Parts) => Node) {
  const graph = createGraph();
  const random = createRandom(5);
  const arrays: Record<string, Float32Array | Int32Array> = {};
  const input = (values: Float32Array | Int32Array, shape: readonly number[]): Node => {
    const name = `input ${Object.keys(arrays).length}`;
    arrays[name] = values;
    const type = values instanceof Int32Array ? "int32" : "float32";
    return graph.node({ kind: "input", name }, [], shape, type);
  };
  const drawn = (shape: readonly number[], draw: () => number): Node =>
    input(Float32Array.from({ length: elements(shape) }, draw), shape);
  const output = build({
    ops: graphOps(graph),
    numbers: (...shape) => drawn(shape, random.normal),
    positive: (...shape) => drawn(shape, () => 0.5 + Math.abs(random.normal())),
    ids: (values) => input(Int32Array.from(values), [values.length]),
  });
  return { graph, output, arrays };
}

async function onnxValues(graph: Graph, output: Node, arrays: Arrays): Promise<readonly number[]> {
  const runtime = await loadOnnxRuntime();
  const { bytes } = emitModel(new Map([["output", output]]));
  const session = await createSession(runtime, bytes, { threads: 1 });
  const feeds = eachInput(graph, arrays, (values, shape) =>
    values instanceof Float32Array
      ? new runtime.Tensor(values, shape)
      : new runtime.Tensor(values, shape),
  );
  const { output: result } = await session.run(feeds);
  await session.release();
  if (!(result?.data instanceof Float32Array)) throw new Error("no float output");
  return [...result.data];
}

function eachInput<T>(
  { nodes }: Graph,
  arrays: Arrays,
  tensor: (values: Float32Array | Int32Array, shape: readonly number[]) => T,
): Readonly<Record<string, T>> {
  return Object.fromEntries(
    nodes.flatMap(({ operation, shape }) => {
      const values = operation.kind === "input" ? arrays[operation.name] : undefined;
      if (operation.kind !== "input" || values === undefined) return [];
      return [[operation.name, tensor(values, shape)]];
    }),
  );
}
