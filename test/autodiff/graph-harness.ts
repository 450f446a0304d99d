/** @file Runs part of a model in ONNX Runtime, and compares its gradients with finite differences. */
import type { Tensor } from "onnxruntime-node";

import type { ModelScope, ModelShape } from "../../src/models/model.ts";
import type { Shape } from "../../src/autodiff/ops.ts";
import { differentiate } from "../../src/autodiff/differentiate.ts";
import { emitModel, type EmittedModel } from "../../src/onnx/emit/emit.ts";
import { createGraph, type Node } from "../../src/autodiff/graph.ts";
import { tracedBuffers, tracedParameters } from "../../src/autodiff/parameters.ts";
import { createSession, loadOnnxRuntime } from "../../src/onnx/session/runtime.ts";
import { elements } from "../../src/base/element-count.ts";
import { graphOps, type GraphOps } from "../../src/autodiff/trace.ts";
import { createRandom } from "../../src/base/random.ts";

/** What part of a model is built from. Its differentiable inputs are parameters. */
export interface Harness extends ModelScope<Node> {
  readonly ops: GraphOps;
  /** A parameter filled by the harness. */
  readonly leaf: (name: string, shape: Shape) => Node;
  /** An int32 input with these values. */
  readonly ids: (values: readonly number[], shape: Shape) => Node;
  /** An int8 input with these values. */
  readonly bytes: (values: readonly number[], shape: Shape) => Node;
}

export interface HarnessOptions {
  /** Values of parameters by name; default random from N(0, 1). */
  readonly values?: Readonly<Record<string, readonly number[]>>;
  /** Seed of the random values; chosen so that no ReLU input is within all steps of the finite differences. */
  readonly seed?: number;
  /** Draws |N(0, 1)| + 0.5 instead, for square roots and divisors. */
  readonly positive?: boolean;
  readonly shape?: ModelShape;
}

/** Sizes for layers that do not depend on them. */
export const smallShape: ModelShape = {
  batchSize: 3,
  items: 6,
  attributeValues: 4,
  attributeSlots: [1, 1],
  ratings: 5,
  history: 3,
  embeddingDim: 2,
};

/** The value of the tensor that `build` returns, row-major. */
export async function evaluate(
  build: (harness: Harness) => Node,
  options: HarnessOptions = {},
): Promise<{ readonly shape: Shape; readonly values: readonly number[] }> {
  const compiled = await compile(build, options, false);
  const { output } = await compiled.run();
  await compiled.close();
  return { shape: compiled.shape, values: [...output] };
}

/**
 * The largest difference, over all numbers in all parameters, between the gradient and a central finite difference of
 * `Σ c y` with fixed random c, divided by max(1, |gradient|).
 *
 * In float32, a step h has errors of about 1e-6 / h from rounding and h² y‴ / 6 from curvature, and is useless across a ReLU's kink. So
 * each number is compared at three steps, and the closest counts: correct gradients stay below 2e-3, and wrong ones are off at every step
 * by the size of the gradient.
 */
export async function gradientError(
  build: (harness: Harness) => Node,
  options: HarnessOptions = {},
): Promise<number> {
  const compiled = await compile(build, options, true);
  const { gradients } = await compiled.run();
  const claimed = new Map([...gradients].map(([name, gradient]) => [name, gradient.slice()]));
  let worst = 0;
  for (const [name, values] of compiled.values) {
    for (const index of values.keys()) {
      const gradient = claimed.get(name)?.[index] ?? Number.NaN;
      const slopes = await finiteDifferences(
        values,
        index,
        async () => (await compiled.run()).loss,
      );
      worst = Math.max(worst, closest(slopes, gradient));
    }
  }
  await compiled.close();
  return worst;
}

/** Runs a model whose inputs and outputs are all float32. */
export async function runModel(
  { bytes, inputNames }: EmittedModel,
  values: Readonly<Record<string, readonly number[]>>,
): Promise<Readonly<Record<string, readonly number[]>>> {
  const runtime = await loadOnnxRuntime();
  const session = await createSession(runtime, bytes, { threads: 1 });
  const feeds = inputNames.map((name) => {
    const metadata = session.inputMetadata.find((input) => input.name === name);
    const shape = metadata?.isTensor === true ? metadata.shape.map(Number) : [];
    return [name, new runtime.Tensor(Float32Array.from(values[name] ?? []), shape)] as const;
  });
  const results = await session.run(Object.fromEntries(feeds));
  await session.release();
  return Object.fromEntries(
    Object.entries(results).map(([name, { data }]) => {
      if (!(data instanceof Float32Array)) throw new Error(`no float output "${name}"`);
      return [name, [...data]];
    }),
  );
}

/** Central differences of `lossOf` in `values[index]` at three steps. */
export async function finiteDifferences(
  values: Float32Array,
  index: number,
  lossOf: () => Promise<number>,
): Promise<readonly number[]> {
  const value = values[index] ?? Number.NaN;
  const slopes: number[] = [];
  for (const h of [0.02, 0.005, 0.00125]) {
    values[index] = value + h;
    const above = await lossOf();
    values[index] = value - h;
    const below = await lossOf();
    slopes.push((above - below) / (2 * h));
  }
  values[index] = value;
  return slopes;
}

/** Distance of `gradient` to the nearest slope, divided by max(1, |gradient|). */
export function closest(slopes: readonly number[], gradient: number): number {
  const distances = slopes.map((slope) => Math.abs(slope - gradient));
  return Math.min(...distances) / Math.max(1, Math.abs(gradient));
}

export const gradientTolerance = 2e-3;

async function compile(
  build: (harness: Harness) => Node,
  { values: given = {}, seed = 1, positive = false, shape = smallShape }: HarnessOptions,
  differentiated: boolean,
) {
  const graph = createGraph();
  const ops = graphOps(graph);
  const parameters = tracedParameters(graph);
  const runtime = await loadOnnxRuntime();
  const feeds: Record<string, Tensor> = {};

  const output = build({
    ops,
    parameters,
    buffers: tracedBuffers(graph),
    shape,
    isTraining: true,
    dropout: (x) => x,
    addLoss: () => undefined,
    leaf: (name, size) => parameters.get(name, size, "zeros"),
    ids: (ids, size) => {
      const name = `ids ${Object.keys(feeds).length}`;
      feeds[name] = new runtime.Tensor(Int32Array.from(ids), size);
      return graph.node({ kind: "input", name }, [], size, "int32");
    },
    bytes: (bytes, size) => {
      const name = `bytes ${Object.keys(feeds).length}`;
      feeds[name] = new runtime.Tensor(Int8Array.from(bytes), size);
      return graph.node({ kind: "input", name }, [], size, "int8");
    },
  });
  const random = createRandom(seed, "harness");
  const weights = graph.node(
    {
      kind: "constant",
      values: Float32Array.from({ length: elements(output.shape) }, random.normal),
    },
    [],
    output.shape,
  );
  const loss = ops.sum(
    ops.mul(output, weights),
    output.shape.map((_, axis) => axis),
  );
  const declarations = parameters.declarations();
  const nodes = declarations.map(({ node }) => node);
  const outputs = new Map([
    ["output", output],
    ["loss", loss],
  ]);
  if (differentiated) {
    const scalar = { node: loss, gradient: ops.constant(1) };
    differentiate(graph, ops, [scalar], nodes).forEach((gradient, index) => {
      outputs.set(`gradient of ${declarations[index]?.key ?? ""}`, gradient);
    });
  }

  const values = new Map<string, Float32Array>();
  for (const { key, node } of declarations) {
    const drawn = Float32Array.from({ length: elements(node.shape) }, () =>
      positive ? Math.abs(random.normal()) + 0.5 : random.normal(),
    );
    const start = given[key];
    if (start) drawn.set(start);
    values.set(key, drawn);
    feeds[key] = new runtime.Tensor(drawn, node.shape);
  }
  const model = emitModel(outputs);
  const session = await createSession(runtime, model.bytes, { threads: 1 });
  const fed = Object.fromEntries(
    Object.entries(feeds).filter(([name]) => model.inputNames.includes(name)),
  );
  return {
    shape: output.shape,
    values,
    run: async () => {
      const results = await session.run(fed);
      const read = (name: string): Float32Array => {
        const data = results[name]?.data;
        if (!(data instanceof Float32Array)) throw new Error(`no float output "${name}"`);
        return data;
      };
      return {
        output: read("output"),
        loss: read("loss")[0] ?? Number.NaN,
        gradients: new Map(
          differentiated ? [...values.keys()].map((key) => [key, read(`gradient of ${key}`)]) : [],
        ),
      };
    },
    close: () => session.release(),
  };
}
