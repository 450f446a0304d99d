import { describe, expect, test } from "vitest";

import { backbones, type BackboneName } from "../../src/models/backbones.ts";
import { autoint } from "../../src/models/backbones/autoint.ts";
import { dcn } from "../../src/models/backbones/dcn.ts";
import { heaConnector } from "../../src/models/connectors/hea-connector.ts";
import { mlpConnector } from "../../src/models/connectors/mlp-connector.ts";
import type { Batch, Engine, EngineRequest, ModelShape } from "../../src/train/engine.ts";
import { createOnnxEngine } from "../../src/train/onnx-engine.ts";
import { createOnnxModel } from "../../src/train/onnx/onnx-model.ts";
import { loadOnnxRuntime } from "../../src/train/onnx/runtime.ts";
import { createRandom } from "../../src/train/random.ts";
import { pickRows, randomBatch } from "./random-batch.ts";
import { closest, finiteDifferences } from "./graph/graph-harness.ts";

const base: ModelShape = {
  batchSize: 4,
  items: 9,
  attributeValues: 5,
  attributeSlots: [1, 1],
  ratings: 5,
  history: 3,
  embeddingDim: 4,
};
const withKnowledge: ModelShape = { ...base, knowledge: { userDim: 6, itemDim: 6 } };
const names = Object.keys(backbones) as readonly BackboneName[];

describe.each(names)("createOnnxEngine with %s", (backbone) => {
  test.each([
    ["Base", base],
    ["knowledge", withKnowledge],
  ])("%s: overfits a batch, and restores what it took a snapshot of", async (_name, shape) => {
    await withEngine({ backbone, shape }, async (engine) => {
      const batch = randomBatch(shape);
      const start = await engine.snapshot();
      const before = await engine.predict(batch);
      const losses: number[] = [];
      for (let step = 0; step < 60; step++) losses.push(await engine.step(batch, 0.02));
      expect(losses[0]).toBeCloseTo(crossEntropy(before, batch), 5);
      expect(losses.at(-1)).toBeLessThan(0.05);
      expect(await engine.predict(batch)).not.toEqual(before);

      await engine.restore(start);
      expect(await engine.snapshot()).toEqual(start);
      expect(await engine.predict(batch)).toEqual(before);
      expect(start).toHaveLength(engine.parameterCount);
    });
  });

  test("a row's probability depends neither on its batch mates, nor their order, nor the batch size", async () => {
    const batch = randomBatch(withKnowledge);
    await withEngine({ backbone, shape: withKnowledge }, async (engine) => {
      const together = await engine.predict(batch);
      const reversed = await engine.predict(pickRows(batch, [3, 2, 1, 0]));
      const mixed = await engine.predict(pickRows(batch, [1, 1, 1, 3]));
      const shape = { ...withKnowledge, batchSize: 1 };
      await withEngine({ backbone, shape }, async (single) => {
        await single.restore(await engine.snapshot());
        for (const [row, expected] of together.entries()) {
          const [alone] = await single.predict(pickRows(batch, [row]));
          expect(alone).toBeCloseTo(expected, 6);
          expect(reversed[3 - row]).toBeCloseTo(expected, 6);
        }
      });
      expect(mixed[0]).toBeCloseTo(together[1] ?? NaN, 6);
      expect(mixed[3]).toBeCloseTo(together[3] ?? NaN, 6);
    });
  });

  test("a short batch trains on its rows alone, whatever the others hold", async () => {
    const full = randomBatch(withKnowledge);
    const short = { ...pickRows(full, [0, 1, 3, 3]), size: 2 };
    const shape = { ...withKnowledge, batchSize: 2 };
    await withEngine({ backbone, shape: withKnowledge }, async (engine) => {
      await withEngine({ backbone, shape }, async (exact) => {
        await exact.restore(await engine.snapshot());
        const loss = await engine.step(short, 0.01);
        expect(loss).toBeCloseTo(await exact.step(pickRows(full, [0, 1]), 0.01), 6);
        expect(await engine.predict(short)).toHaveLength(2);
        expect(largestDifference(await engine.snapshot(), await exact.snapshot())).toBeLessThan(
          1e-6,
        );
      });
    });
  });

  test("repeats bit for bit with one seed and one thread; another seed starts elsewhere", async () => {
    const train = async (seed: number) => {
      let snapshot: Float32Array = new Float32Array();
      await withEngine({ backbone, shape: withKnowledge, seed }, async (engine) => {
        for (let step = 0; step < 5; step++) await engine.step(randomBatch(withKnowledge), 0.01);
        snapshot = await engine.snapshot();
      });
      return snapshot;
    };
    const first = await train(1);
    expect(await train(1)).toEqual(first);
    expect(await train(2)).not.toEqual(first);
  });
});

describe("createOnnxModel", () => {
  const hea = heaConnector({ hidden: 3, sharedExperts: 1, ownExperts: 2 });
  test.each([
    ["dcn", dcn({ deepWidths: [5], finalWidths: [4] }), mlpConnector({ hidden: 3 }), withKnowledge],
    ["dcn as the reference", dcn({ deepWidths: [3], residual: "lost" }), hea, withKnowledge],
    ["dcn Base", dcn({ deepWidths: [5], finalWidths: [4] }), hea, base],
    ["autoint", autoint({ attentionWidth: 3 }), mlpConnector({ hidden: 3 }), withKnowledge],
    ["autoint Base", autoint({ attentionWidth: 5, layers: 2 }), hea, base],
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

  // Counts without embeddings and connector, MovieLens-1M's shape, Base and with knowledge.
  test.each([
    ["autoint", 33_089, 33_217],
    ["dcn", 113_601, 139_585],
  ] as const)("%s has the reference's number of parameters", async (backbone, ...expected) => {
    const shape = { ...base, attributeSlots: [1], embeddingDim: 32 };
    const shapes = [shape, { ...shape, knowledge: { userDim: 6, itemDim: 6 } }];
    for (const [index, size] of shapes.entries()) {
      const model = await createOnnxModel({
        backbone: backbones[backbone]({}),
        connector: mlpConnector(),
        shape: size,
        seed: 1,
        threads: 1,
      });
      const own = [...model.parameters.values()].filter(
        ({ name }) => !/embedding|convert/.test(name),
      );
      expect(own.reduce((total, { values }) => total + values.length, 0)).toBe(expected[index]);
      await model.close();
    }
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

async function withEngine(
  options: Pick<EngineRequest, "backbone" | "shape"> & { readonly seed?: number },
  use: (engine: Engine) => Promise<void>,
): Promise<void> {
  const engine = await createOnnxEngine({ seed: 1, ...options, threads: 1 });
  try {
    await use(engine);
  } finally {
    await engine.close();
  }
}

function crossEntropy(probabilities: Float32Array, { labels }: Batch): number {
  const losses = [...probabilities].map((p, row) => -Math.log(labels[row] === 1 ? p : 1 - p));
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  return Math.max(...a.map((value, index) => Math.abs(value - (b[index] ?? NaN))));
}
