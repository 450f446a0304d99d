import { describe, expect, test } from "vitest";

import { autoint } from "../../../src/models/backbones/autoint.ts";
import { dcn } from "../../../src/models/backbones/dcn.ts";
import { dien } from "../../../src/models/backbones/dien.ts";
import { din } from "../../../src/models/backbones/din.ts";
import { gru4rec } from "../../../src/models/backbones/gru4rec.ts";
import { heaConnector } from "../../../src/models/connectors/hea-connector.ts";
import { mlpConnector } from "../../../src/models/connectors/mlp-connector.ts";
import type { Batch, ModelShape } from "../../../src/train/engine/engine.ts";
import { createOnnxModel } from "../../../src/train/engine/onnx-model.ts";
import { loadOnnxRuntime } from "../../../src/onnx/session/runtime.ts";
import { createRandom } from "../../../src/base/random.ts";
import { withEngine } from "./engine-harness.ts";
import { randomBatch, tinyShape as base } from "./random-batch.ts";
import { closest, finiteDifferences } from "../../autodiff/graph-harness.ts";

const withKnowledge: ModelShape = { ...base, knowledge: { userDim: 6, itemDim: 6 } };

describe("createOnnxModel", () => {
  const hea = heaConnector({ hidden: 3, sharedExperts: 1, ownExperts: 2 });
  test.each([
    ["dcn", dcn({ deepWidths: [5], finalWidths: [4] }), mlpConnector({ hidden: 3 }), withKnowledge],
    ["dcn as the reference", dcn({ deepWidths: [3], residual: "lost" }), hea, withKnowledge],
    ["dcn Base", dcn({ deepWidths: [5], finalWidths: [4] }), hea, base],
    ["autoint", autoint({ attentionWidth: 3 }), mlpConnector({ hidden: 3 }), withKnowledge],
    ["autoint Base", autoint({ attentionWidth: 5, layers: 2 }), hea, base],
    ["dien", dien({ finalWidths: [4] }), mlpConnector({ hidden: 3 }), withKnowledge],
    ["din", din({ finalWidths: [4] }), hea, base],
    ["gru4rec", gru4rec({ width: 3, finalWidths: [4] }), hea, base],
  ])("%s: loss gradients as by finite differences", async (_name, backbone, connector, shape) => {
    const model = await createOnnxModel({ backbone, connector, shape, seed: 1, threads: 1 });
    const parameters = [...model.parameters.values()];
    const random = createRandom(3);
    // Not as initialised: biases of 0 put rows whose units are all off exactly on the next ReLU's kink.
    for (const { values } of parameters)
      values.forEach((_, at) => (values[at] = random.normal() / 3));
    const batch = { ...randomBatch(shape), size: 3 };
    await model.backward(batch);
    const gradients = parameters.map(({ gradient }) => gradient.slice());
    for (const [index, { name, values }] of parameters.entries()) {
      const gradient = gradients[index] ?? new Float32Array();
      // A few numbers of each parameter will do: a wrong rule shows in all of them. The loss is of
      // order 1, so that rounding and curvature stay below 5e-4.
      const stride = Math.ceil(values.length / 6);
      for (let position = 0; position < values.length; position += stride) {
        const slopes = await finiteDifferences(values, position, () => model.backward(batch));
        const error = closest(slopes, gradient[position] ?? NaN);
        expect(error, `${name}[${position}]`).toBeLessThan(5e-4);
      }
    }
    await model.close();
  });

  test("gives the same gradients on several threads as on one", async () => {
    const shape = { ...base, items: 300, batchSize: 4096 };
    const gradients = async (threads: number) => {
      const backbone = dcn();
      const options = { backbone, connector: mlpConnector(), shape, seed: 1, threads };
      const model = await createOnnxModel(options);
      await model.backward(randomBatch(shape, 3));
      const values = [...model.parameters.values()].map(({ gradient }) => gradient.slice());
      await model.close();
      return values;
    };
    expect(await gradients(2)).toEqual(await gradients(1));
  });

  test("starts elsewhere with another seed", async () => {
    const start = async (seed: number) => {
      const options = { backbone: dcn(), connector: mlpConnector(), shape: base, threads: 1 };
      const model = await createOnnxModel({ ...options, seed });
      const values = model.parameters.get("deep_net.fc.0.weight")?.values.slice();
      await model.close();
      return values;
    };
    expect(await start(1)).not.toEqual(await start(2));
  });

  test("starts Base and knowledge models of one seed from the same embeddings", async () => {
    const start = async (shape: ModelShape) => {
      const model = await createOnnxModel({
        backbone: dcn(),
        connector: mlpConnector(),
        shape,
        seed: 7,
        threads: 1,
      });
      const values = model.parameters.get("item_embedding.weight")?.values.slice();
      await model.close();
      return values;
    };
    expect(await start(withKnowledge)).toEqual(await start(base));
  });

  test("draws weights from Xavier's normal distribution and biases as zero", async () => {
    const shape = { ...base, items: 999, embeddingDim: 32 };
    const model = await createOnnxModel({
      backbone: dcn(),
      connector: mlpConnector(),
      shape,
      seed: 1,
      threads: 1,
    });
    const table = [...(model.parameters.get("item_embedding.weight")?.values ?? [])];
    const variance = table.reduce((sum, value) => sum + value * value, 0) / table.length;
    expect(variance / (2 / (1000 + 32))).toBeCloseTo(1, 1);
    const bias = model.parameters.get("deep_net.fc.0.bias")?.values ?? new Float32Array([1]);
    expect(bias.every((value) => value === 0)).toBe(true);
    await model.close();
  });
});

describe("bad input", () => {
  const cases: readonly (readonly [string, (batch: Batch) => void])[] = [
    ["`items` of row 2 holds 10; the model knows 0 to 9", (batch) => batch.items.fill(10, 2)],
    ["`attributes` of row 1 holds -1", (batch) => batch.attributes.fill(-1, 2, 3)],
    ["`historyItems` of row 3 holds 99", (batch) => batch.historyItems.fill(99, 11)],
    ["`historyAttributes` of row 0 holds 6", (batch) => batch.historyAttributes.fill(6, 0, 1)],
    ["`historyRatings` of row 0 holds 6", (batch) => batch.historyRatings.fill(6)],
    ["`historyLengths` of row 0 holds 4", (batch) => batch.historyLengths.fill(4)],
    ["`size` must be an integer from 1 to 4, got 5", (batch) => (batch.size = 5)],
    ["`size` must be an integer from 1 to 4, got 0", (batch) => (batch.size = 0)],
  ];
  test("is refused before the run, naming array, row and value, and harms nothing", async () => {
    await withEngine({ backbone: "dcn", shape: withKnowledge }, async (engine) => {
      const start = await engine.snapshot();
      for (const [message, spoil] of cases) {
        const batch = randomBatch(withKnowledge);
        spoil(batch);
        const refusal: unknown = expect.objectContaining({
          code: "INPUT_INVALID",
          message: expect.stringContaining(message) as string,
        });
        await expect(engine.step(batch, 0.01)).rejects.toThrow(refusal);
        await expect(engine.predict(batch)).rejects.toThrow(refusal);
      }
      const { userVectors, ...bare } = randomBatch(withKnowledge);
      expect(userVectors).toHaveLength(24);
      await expect(engine.predict(bare)).rejects.toThrow(
        "`userVectors` must hold 24 values, got none",
      );
      await expect(engine.restore(new Float32Array(3))).rejects.toThrow(
        `Expected ${engine.parameterCount} numbers of the model, got 3`,
      );
      expect(await engine.snapshot()).toEqual(start);
    });
  });

  test("a missing ONNX Runtime is an expected failure with its cure", async () => {
    const load = () => Promise.reject(new Error("libonnxruntime.so: cannot open"));
    await expect(loadOnnxRuntime(load)).rejects.toThrow(
      expect.objectContaining({
        code: "DEPENDENCY_MISSING",
        message: expect.stringMatching(/cannot open.*ONNXRUNTIME_NODE_INSTALL=skip/s) as string,
      }),
    );
  });
});
