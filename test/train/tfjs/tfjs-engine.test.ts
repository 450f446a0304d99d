import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";

import { backbones, type BackboneName } from "../../../src/models/backbones.ts";
import type { Engine, EngineRequest, ModelShape } from "../../../src/train/engine/engine.ts";
import { createOnnxEngine } from "../../../src/train/engine/onnx-engine.ts";
import { createTfjsEngine } from "../../../src/train/tfjs/tfjs-engine.ts";
import { loadTfjs } from "../../../src/train/tfjs/load-tfjs.ts";
import { pickRows, randomBatch } from "../engine/random-batch.ts";

const base: ModelShape = {
  batchSize: 4,
  items: 9,
  attributeValues: 5,
  attributeSlots: [1, 2],
  ratings: 5,
  history: 3,
  embeddingDim: 4,
};
const withKnowledge: ModelShape = { ...base, knowledge: { userDim: 6, itemDim: 6 } };
const names = Object.keys(backbones) as readonly BackboneName[];
const devices = ["cpu", "wasm"];

type Options = Pick<EngineRequest, "backbone" | "shape"> & Partial<EngineRequest>;

describe.each(names)("createTfjsEngine with %s", (backbone) => {
  test.each([
    ["Base", "cpu", { shape: base }],
    ["a long attribute", "wasm", { shape: { ...base, attributeSlots: [1, 18, 2] } }],
    ["knowledge, dropout and all kinds of decay", "wasm", decayed()],
  ])("%s, on %s: 20 losses as on ONNX Runtime, then the same model", async (...parts) => {
    const [, device, options] = parts;
    const onnx = await trainedOn(createOnnxEngine, { backbone, ...options });
    const tfjs = await trainedOn(createTfjsEngine, { backbone, ...options, device });
    expect(tfjs.tensors).toEqual(onnx.tensors);
    expect(tfjs.start, "start values").toEqual(onnx.start);
    expect(largestDifference(tfjs.losses, onnx.losses)).toBeLessThan(1e-5);
    expect(largestDifference(tfjs.probabilities, onnx.probabilities)).toBeLessThan(1e-5);
  });
});

describe("createTfjsEngine", () => {
  test("a short batch trains on its rows alone", async () => {
    const short = { ...pickRows(randomBatch(withKnowledge), [0, 1, 3, 3]), size: 2 };
    await withEngine(createTfjsEngine, { backbone: "dcn", shape: withKnowledge }, async (tfjs) => {
      await withEngine(
        createOnnxEngine,
        { backbone: "dcn", shape: withKnowledge },
        async (onnx) => {
          expect(await tfjs.step(short, 0.01)).toBeCloseTo(await onnx.step(short, 0.01), 6);
          expect(await tfjs.predict(short)).toHaveLength(2);
        },
      );
    });
  });

  test.each(devices)(
    "keeps no tensor from step to step on %s, and none when closed",
    async (device) => {
      await loadTfjs(device);
      const before = tf.memory().numTensors;
      await withEngine(
        createTfjsEngine,
        { backbone: "autoint", ...decayed(), device },
        async (engine) => {
          const batch = randomBatch(withKnowledge);
          const counts = new Set<number>();
          for (let epoch = 0; epoch < 3; epoch++) {
            for (let step = 0; step < 4; step++) {
              await engine.step(batch, 0.01);
              counts.add(tf.memory().numTensors);
            }
            await engine.predict(batch);
            await engine.restore(await engine.snapshot());
            await engine.restoreOptimizer(await engine.optimizerState());
            counts.add(tf.memory().numTensors);
            await expect(engine.step({ ...batch, size: 9 }, 0.01)).rejects.toThrow(
              "`size` must be",
            );
            counts.add(tf.memory().numTensors);
          }
          expect(counts.size).toBe(1);
        },
      );
      expect(tf.memory().numTensors).toBe(before);
    },
  );

  test.each([
    ["ONNX Runtime to TensorFlow.js", createOnnxEngine, createTfjsEngine],
    ["TensorFlow.js to ONNX Runtime", createTfjsEngine, createOnnxEngine],
  ])("training goes on from %s as if it had not moved", async (_name, createFrom, createTo) => {
    const options: Options = { backbone: "autoint", ...decayed() };
    const batches = [1, 2, 3, 4].map((seed) => randomBatch(withKnowledge, seed));
    await withEngine(createFrom, options, async (from) => {
      for (const batch of batches) await from.step(batch, 0.01);
      await withEngine(createTo, options, async (to) => {
        await to.step(randomBatch(withKnowledge, 5), 0.5); // to be forgotten
        await to.restore(await from.snapshot());
        await to.restoreOptimizer(await from.optimizerState());
        expect(await to.snapshot()).toEqual(await from.snapshot());
        expect(await to.optimizerState()).toEqual(await from.optimizerState());
        for (const batch of batches) {
          const loss = await from.step(batch, 0.01);
          expect(Math.abs((await to.step(batch, 0.01)) - loss)).toBeLessThan(1e-5);
        }
      });
    });
  });

  test("engines on two backends take turns in one thread", async () => {
    const options: Options = { backbone: "dcn", shape: base };
    await withEngine(createTfjsEngine, { ...options, device: "cpu" }, async (cpu) => {
      await withEngine(createTfjsEngine, { ...options, device: "wasm" }, async (wasm) => {
        const batch = randomBatch(base);
        for (let step = 0; step < 3; step++) {
          const losses = await Promise.all([cpu.step(batch, 0.01), wasm.step(batch, 0.01)]);
          expect(losses[0]).toBeCloseTo(losses[1], 6);
        }
      });
    });
  });

  test("repeats bit for bit with one seed; another seed starts elsewhere", async () => {
    const train = (seed: number) =>
      trainedOn(createTfjsEngine, { backbone: "dcn", ...decayed(), seed });
    const first = await train(1);
    expect(await train(1)).toEqual(first);
    expect((await train(2)).start).not.toEqual(first.start);
  });

  test("refuses another model's numbers and an unknown device", async () => {
    await withEngine(createTfjsEngine, { backbone: "dcn", shape: base }, async (engine) => {
      await expect(engine.restore(new Float32Array(3))).rejects.toThrow(
        `Expected ${engine.parameterCount} numbers of the model, got 3`,
      );
      const state = { ...(await engine.optimizerState()), secondMoments: new Float32Array(2) };
      await expect(engine.restoreOptimizer(state)).rejects.toThrow("second moments, got 2");
    });
    await expect(
      createTfjsEngine({ backbone: "dcn", shape: base, seed: 1, threads: 1, device: "cuda" }),
    ).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringContaining("engine tfjs has devices auto, node-gpu") as string,
    });
  });
});

/** Everything at once that makes a step differ from plain Adam on plain gradients. */
function decayed() {
  return {
    shape: withKnowledge,
    dropout: 0.3,
    l2: 0.01,
    optimizer: { weightDecay: 0.1, epsilon: 1e-3, epsilonPlacement: "beforeBiasCorrection" },
  } as const;
}

async function trainedOn(create: (request: EngineRequest) => Promise<Engine>, options: Options) {
  const batches = [1, 2, 3].map((seed) => randomBatch(options.shape, seed));
  const losses: number[] = [];
  return withEngine(create, options, async (engine) => {
    const start = await engine.snapshot();
    for (let step = 0; step < 20; step++) {
      const batch = batches[step % batches.length] ?? randomBatch(options.shape);
      losses.push(await engine.step(batch, 0.001));
    }
    const probabilities = [...(await engine.predict(randomBatch(options.shape)))];
    return { tensors: engine.tensors, start, losses, probabilities };
  });
}

async function withEngine<T>(
  create: (request: EngineRequest) => Promise<Engine>,
  options: Options,
  use: (engine: Engine) => Promise<T>,
): Promise<T> {
  const engine = await create({ seed: 7, threads: 1, ...withoutDevice(create, options) });
  try {
    return await use(engine);
  } finally {
    await engine.close();
  }
}

/** Devices of the one engine mean nothing to the other. */
function withoutDevice(
  create: (request: EngineRequest) => Promise<Engine>,
  { device = "wasm", ...options }: Options,
): Options {
  return create === createTfjsEngine ? { ...options, device } : options;
}

function largestDifference(a: readonly number[], b: readonly number[]): number {
  return Math.max(...a.map((value, index) => Math.abs(value - (b[index] ?? Number.NaN))));
}
