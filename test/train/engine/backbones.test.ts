/** @file What every backbone promises: it learns, repeats, counts only the rows that count and scores each by itself. */
import { describe, expect, test } from "vitest";

import { backbones, type BackboneName, type ModelForm } from "../../../src/models/backbones.ts";
import { mlpConnector } from "../../../src/models/connectors/mlp-connector.ts";
import type { Batch, ModelShape } from "../../../src/train/engine/engine.ts";
import { traceModel } from "../../../src/train/engine/traced-model.ts";
import { createOnnxModel } from "../../../src/train/engine/onnx-model.ts";
import { withEngine } from "./engine-harness.ts";
import { pickRows, randomBatch, tinyShape as base } from "./random-batch.ts";

const withKnowledge: ModelShape = { ...base, knowledge: { userDim: 6, itemDim: 6 } };
/** Attributes of several values, user features, and knowledge about items alone. */
const varied: ModelShape = {
  ...base,
  attributeSlots: [3, 1],
  userFeatures: { fields: 2, values: 7 },
  knowledge: { itemDim: 6 },
};
const names = Object.keys(backbones) as readonly BackboneName[];
const havingForms: readonly BackboneName[] = ["dcn", "dien", "din", "gru4rec"];

/** The forms in which a backbone computes different things. */
function formsOf(backbone: BackboneName): readonly ModelForm[] {
  return havingForms.includes(backbone) ? ["corrected", "reference"] : ["corrected"];
}

/** Rows with histories of 3, 2, 1 and no events, of which some lack attribute values. */
function batchOf(shape: ModelShape): Batch {
  const batch = randomBatch(shape);
  if (shape.attributeSlots.some((places) => places > 1)) {
    for (const ids of [batch.attributes, batch.historyAttributes]) {
      ids.forEach((_id, at) => {
        if (at % 4 === 2 || at % 16 < 2) ids[at] = 0;
      });
    }
  }
  return batch;
}

describe.each(names)("%s", (backbone) => {
  test.each([
    ["Base", base],
    ["several values, user features and one-sided knowledge", varied],
  ])("%s: overfits a batch, and restores what it took a snapshot of", async (_name, shape) => {
    await withEngine({ backbone, shape }, async (engine) => {
      const batch = batchOf(shape);
      const start = await engine.snapshot();
      const before = await engine.predict(batch);
      const losses: number[] = [];
      for (let step = 0; step < 60; step++) losses.push(await engine.step(batch, 0.02));
      expect(losses.at(-1)).toBeLessThan(0.05);
      const trained = await engine.predict(batch);
      expect(trained).not.toEqual(before);
      if (engine.tensors.every(({ kind }) => kind === "parameter")) {
        expect(losses[0]).toBeCloseTo(crossEntropy(before, batch), 5);
      }

      await engine.restore(start);
      expect(await engine.snapshot()).toEqual(start);
      expect(await engine.predict(batch)).toEqual(before);
    });
  });

  test.each([
    ["knowledge", withKnowledge],
    ["several values, user features and one-sided knowledge", varied],
  ])(
    "%s: a row's probability depends neither on its batch mates, nor their order, nor the batch size",
    async (_name, shape) => {
      const batch = batchOf(shape);
      await withEngine({ backbone, shape }, async (engine) => {
        for (let step = 0; step < 3; step++) await engine.step(batch, 1e-3);
        const together = await engine.predict(batch);
        const reversed = await engine.predict(pickRows(batch, [3, 2, 1, 0]));
        const mixed = await engine.predict(pickRows(batch, [1, 1, 1, 3]));
        await withEngine({ backbone, shape: { ...shape, batchSize: 1 } }, async (single) => {
          await single.restore(await engine.snapshot());
          for (const [row, expected] of together.entries()) {
            const [alone] = await single.predict(pickRows(batch, [row]));
            expect(alone).toBeCloseTo(expected, 6);
            expect(reversed[3 - row]).toBeCloseTo(expected, 6);
          }
        });
        expect(mixed[0]).toBeCloseTo(together[1] ?? NaN, 6);
        expect(mixed[3]).toBeCloseTo(together[3] ?? NaN, 6);
        expect(new Set(together.map((p) => Math.round(p * 1e6))).size).toBe(4);
      });
    },
  );

  test.each(formsOf(backbone))(
    "%s: a short batch trains on its rows alone, whatever the others hold",
    async (form) => {
      const full = randomBatch(withKnowledge);
      const short = { ...pickRows(full, [0, 1, 3, 3]), size: 2 };
      const options = { backbone, backboneOptions: { form } };
      await withEngine({ ...options, shape: withKnowledge }, async (engine) => {
        const shape = { ...withKnowledge, batchSize: 2 };
        await withEngine({ ...options, shape }, async (exact) => {
          await exact.restore(await engine.snapshot());
          const loss = await engine.step(short, 0.01);
          expect(loss).toBeCloseTo(await exact.step(pickRows(full, [0, 1]), 0.01), 6);
          expect(await engine.predict(short)).toHaveLength(2);
          const difference = largestDifference(await engine.snapshot(), await exact.snapshot());
          expect(difference).toBeLessThan(1e-6);
        });
      });
    },
  );

  test("trains on histories of one event, every parameter of it", () => {
    const definition = { backbone: backbones[backbone]({}), connector: mlpConnector() };
    const { parameters, gradients } = traceModel({ ...definition, shape: { ...base, history: 1 } });
    expect(gradients).toHaveLength(parameters.length);
  });

  test("repeats bit for bit with one seed and one thread", async () => {
    const train = async () => {
      let snapshot: Float32Array = new Float32Array();
      await withEngine({ backbone, shape: withKnowledge }, async (engine) => {
        for (let step = 0; step < 5; step++) await engine.step(randomBatch(withKnowledge), 0.01);
        snapshot = await engine.snapshot();
      });
      return snapshot;
    };
    expect(await train()).toEqual(await train());
  });
});

describe("the form of the paper's public code", () => {
  test.each(["dien", "din", "gru4rec"] as const)(
    "of %s lets a row's probability depend on its batch mates, as that code does",
    async (backbone) => {
      const options = { backbone, backboneOptions: { form: "reference" as const } };
      const batch = randomBatch(withKnowledge);
      await withEngine({ ...options, shape: withKnowledge }, async (engine) => {
        const [together = NaN] = await engine.predict(batch);
        const [other = NaN] = await engine.predict(pickRows(batch, [0, 2, 2, 1]));
        expect(Math.abs(together - other)).toBeGreaterThan(1e-5);
      });
    },
  );
});

describe("numbers of parameters", () => {
  // As the reference counts them: without embeddings and connector, MovieLens-1M's shape, Base and with knowledge.
  const expected: Readonly<Record<BackboneName, readonly [number, number]>> = {
    autoint: [33_089, 33_217],
    dcn: [113_601, 139_585],
    dcnv2: [189_921, 289_441],
    deepfm: [52_087, 64_951],
    dien: [106_796, 119_596],
    din: [56_940, 69_740],
    fibinet: [145_485, 286_381],
    fignn: [17_504, 22_368],
    gru4rec: [121_705, 134_505],
    xdeepfm: [62_311, 81_311],
  };
  const movielens: ModelShape = {
    batchSize: 2,
    items: 3706,
    attributeValues: 18,
    attributeSlots: [1],
    ratings: 5,
    history: 3,
    embeddingDim: 32,
  };

  test.each(names)("%s has the reference's", async (backbone) => {
    const counts: number[] = [];
    for (const shape of [movielens, { ...movielens, knowledge: { userDim: 6, itemDim: 6 } }]) {
      const model = await createOnnxModel({
        backbone: backbones[backbone]({}),
        connector: mlpConnector(),
        shape,
        seed: 1,
        threads: 1,
      });
      const own = [...model.parameters.values()].filter(
        ({ name }) => !/embedding|convert/.test(name),
      );
      counts.push(own.reduce((total, { values }) => total + values.length, 0));
      await model.close();
    }
    expect(counts).toEqual(expected[backbone]);
  });
});

function crossEntropy(probabilities: Float32Array, { labels }: Batch): number {
  const losses = [...probabilities].map((p, row) => -Math.log(labels[row] === 1 ? p : 1 - p));
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  return Math.max(...a.map((value, index) => Math.abs(value - (b[index] ?? NaN))));
}
