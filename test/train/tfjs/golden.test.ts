/** @file Agreement of the TensorFlow.js engine with the reference's own numbers, a case a backbone. */
import type { Tensor } from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";

import { liveNodes, type Node } from "../../../src/autodiff/graph.ts";
import { batchArrays } from "../../../src/train/engine/batch-arrays.ts";
import { elements } from "../../../src/base/element-count.ts";
import type { ModelDefinition } from "../../../src/train/engine/model-definition.ts";
import { traceModel, type TracedModel } from "../../../src/train/engine/traced-model.ts";
import { loadTfjs, type Tfjs } from "../../../src/train/tfjs/load-tfjs.ts";
import { compileGraph } from "../../../src/train/tfjs/run-graph.ts";
import {
  batchOf,
  goldenFiles,
  modelOf,
  readGolden,
  type GoldenCase,
} from "../engine/golden-case.ts";

/** The first case of each backbone. */
const cases = new Map<string, { readonly golden: GoldenCase; readonly model: ModelDefinition }>();
for (const file of goldenFiles) {
  const golden = readGolden(file);
  const model = modelOf(golden);
  const [backbone = ""] = golden.case.split("|");
  if (!cases.has(backbone)) cases.set(backbone, { golden, model });
}

describe("goldens of the reference on TensorFlow.js", () => {
  if (cases.size === 0) {
    test.skip("no golden files here: set R4EC_SHARED or R4EC_GOLDEN_DIR", () => undefined);
  }
  for (const { golden, model } of cases.values()) {
    test(golden.case, async () => {
      const loaded = await loadTfjs("wasm");
      const { tf } = loaded;
      const traced = traceModel(model);
      const nodes = [traced.loss, traced.probabilities, ...traced.gradients];
      const program = compileGraph(loaded, nodes);
      const feeds = feedsOf(tf, traced, golden, model, nodes);
      const outputs = program.run(feeds);
      const [loss, probabilities, ...gradients] = await Promise.all(
        outputs.map((output) => output.data<"float32">()),
      );
      expect(Math.abs((loss?.[0] ?? NaN) - golden.loss)).toBeLessThanOrEqual(1e-5);
      golden.prob.data.forEach((expected, row) => {
        expect(Math.abs((probabilities?.[row] ?? NaN) - expected)).toBeLessThanOrEqual(1e-5);
      });
      traced.parameters.forEach(({ names, shape }, index) => {
        const size = elements(shape);
        names.forEach((name, member) => {
          const gradient = gradients[index]?.subarray(member * size, (member + 1) * size) ?? [];
          const expected = golden.grad_l2[name] ?? NaN;
          const tolerance = Math.max(1e-4 * expected, 1e-6);
          expect(Math.abs(Math.hypot(...gradient) - expected), name).toBeLessThanOrEqual(tolerance);
        });
      });
      tf.dispose([feeds, [...outputs]]);
      program.close();
    });
  }
});

/** The case's batch and parameters, and the buffers as they start, for all that `outputs` read. */
function feedsOf(
  tf: Tfjs,
  { parameters, buffers }: TracedModel,
  golden: GoldenCase,
  { shape }: ModelDefinition,
  outputs: readonly Node[],
): Readonly<Record<string, Tensor>> {
  const values: Record<string, Float32Array | Int32Array> = {
    ...batchArrays(shape)(batchOf(golden)),
  };
  for (const { key, names } of parameters) {
    values[key] = Float32Array.from(names.flatMap((name) => golden.params[name]?.data ?? []));
  }
  for (const { name, shape: sizes, initializer } of buffers) {
    values[name] = new Float32Array(elements(sizes)).fill(initializer === "ones" ? 1 : 0);
  }
  const feeds = liveNodes(outputs).flatMap(({ operation, shape: sizes, type }) => {
    if (!("name" in operation)) return [];
    const { name } = operation;
    return [
      [
        name,
        tf.tensor(values[name] ?? [], [...sizes], type === "int32" ? type : "float32"),
      ] as const,
    ];
  });
  return Object.fromEntries(feeds);
}
