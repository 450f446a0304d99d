import { describe, expect, test } from "vitest";
import { autoint } from "../../../src/models/backbones/autoint.ts";
import { dcn } from "../../../src/models/backbones/dcn.ts";
import { deepfm } from "../../../src/models/backbones/deepfm.ts";
import { dien } from "../../../src/models/backbones/dien.ts";
import { mlpConnector } from "../../../src/models/connectors/mlp-connector.ts";
import type { Backbone } from "../../../src/models/model.ts";
import type { Batch, ModelShape } from "../../../src/train/engine/engine.ts";
import { batchArrays } from "../../../src/train/engine/batch-arrays.ts";
import { createOnnxEngine } from "../../../src/train/engine/onnx-engine.ts";
import { createOnnxModel } from "../../../src/train/engine/onnx-model.ts";
import { createTfjsEngine } from "../../../src/train/tfjs/tfjs-engine.ts";
import { batchWeight } from "../../../src/train/engine/batch-weight.ts";
import { withEngine } from "./engine-harness.ts";
import { pickRows, randomBatch, tinyShape } from "./random-batch.ts";

const weightedShape: ModelShape = { ...tinyShape, isWeighted: true };

/** A batch whose rows have these weights, one each. */
const weighted = (batch: Batch, ...weights: readonly number[]): Batch => ({
  ...batch,
  weights: Float32Array.from(weights),
});

/** Loss and gradients of a fresh model on the batch. */
async function backward(backbone: Backbone, shape: ModelShape, batch: Batch) {
  const connector = mlpConnector({ hidden: 3 });
  const model = await createOnnxModel({ backbone, connector, shape, seed: 1, threads: 1 });
  try {
    const loss = await model.backward(batch);
    const parameters = [...model.parameters.values()];
    const gradients = parameters.map(({ name, gradient }) => ({ name, gradient: [...gradient] }));
    return { loss, gradients };
  } finally {
    await model.close();
  }
}

const small: readonly (readonly [string, Backbone])[] = [
  ["dcn", dcn({ deepWidths: [5], finalWidths: [4] })],
  ["autoint", autoint({ attentionWidth: 3 })],
  ["deepfm", deepfm()],
];
const withStatistics = ["dien", dien({ finalWidths: [4] })] as const;
const withAuxiliaryLoss = dien({ finalWidths: [4], auxiliaryLoss: 1 });

/** The largest difference between the numbers of two models' gradients. */
function largestDifference(
  one: Awaited<ReturnType<typeof backward>>,
  other: Awaited<ReturnType<typeof backward>>,
): number {
  const numbers = ({ gradients }: typeof one): readonly number[] =>
    gradients.flatMap(({ gradient }) => gradient);
  const others = numbers(other);
  return Math.max(...numbers(one).map((value, at) => Math.abs(value - (others[at] ?? NaN))));
}

describe("batchWeight", () => {
  test("sums the weights of the rows that are there, or counts these rows", () => {
    const batch = { ...randomBatch(tinyShape), size: 3 };
    expect(batchWeight(batch)).toBe(3);
    expect(batchWeight(weighted(batch, 0.5, 0, 2, 9))).toBe(2.5);
  });
});

describe("batchArrays", () => {
  test("gives each row its share of the batch's weight, rows that fill it up none", () => {
    const arraysOf = batchArrays(weightedShape);
    const short = { ...randomBatch(tinyShape), size: 3 };
    expect(arraysOf(weighted(short, 3, 0, 1, 5))["lossWeights"]).toEqual(
      Float32Array.of(0.75, 0, 0.25, 0),
    );
    expect(arraysOf(weighted(short, 0, 0, 0, 5))["lossWeights"]).toEqual(new Float32Array(4));
  });

  test("has no such input where rows have no weights, and refuses a batch that lacks its weights", () => {
    expect(batchArrays(tinyShape)(randomBatch(tinyShape))).not.toHaveProperty("lossWeights");
    expect(() => batchArrays(weightedShape)(randomBatch(tinyShape))).toThrow(
      "`weights` must hold 4 values, got none",
    );
  });
});

describe("the loss of rows with weights", () => {
  test("is their weighed mean: (2 · 1st + ½ · 3rd) / 2.5 here, on both engines", async () => {
    const batch = randomBatch(tinyShape);
    const request = { backbone: "dcn", shape: weightedShape } as const;
    const rows = weighted(batch, 2, 0, 0.5, 0);
    await withEngine(request, async (engine) => {
      const [first = NaN, , third = NaN] = await engine.predict(rows); // both of label 1
      const expected = (-2 * Math.log(first) - 0.5 * Math.log(third)) / 2.5;
      expect(await engine.step(rows, 0.01)).toBeCloseTo(expected, 6);
      const tfjs = await createTfjsEngine({ ...request, seed: 1, threads: 1, device: "cpu" });
      expect(await tfjs.step(rows, 0.01)).toBeCloseTo(expected, 6);
      const [one, other] = [await engine.snapshot(), await tfjs.snapshot()];
      await tfjs.close();
      expect(
        Math.max(...one.map((value, at) => Math.abs(value - (other[at] ?? NaN)))),
      ).toBeLessThan(1e-5);
    });
  });

  test.each([...small, withStatistics])(
    "%s: weights that are all 1 give the loss and gradients of none, to the same bits",
    async (_name, backbone) => {
      const batch = { ...randomBatch(tinyShape), size: 3 };
      const plain = await backward(backbone, tinyShape, batch);
      const ones = weighted(batch, 1, 1, 1, 1);
      expect(await backward(backbone, weightedShape, ones)).toEqual(plain);
    },
  );

  test("dien's auxiliary loss is weighed too: by weights that are all 1 it changes by rounding alone", async () => {
    const batch = { ...randomBatch(tinyShape), size: 3 };
    const plain = await backward(withAuxiliaryLoss, tinyShape, batch);
    const ones = await backward(withAuxiliaryLoss, weightedShape, weighted(batch, 1, 1, 1, 1));
    expect(ones.loss).toBe(plain.loss);
    expect(largestDifference(ones, plain)).toBeLessThan(1e-7);
    const uneven = await backward(withAuxiliaryLoss, weightedShape, weighted(batch, 5, 1, 1, 1));
    expect(largestDifference(uneven, plain)).toBeGreaterThan(1e-3);
  });

  test.each(small)(
    "%s: a row of weight 2 is the row twice, and one of weight 0 no row",
    async (_name, backbone) => {
      const batch = randomBatch(tinyShape);
      const once = await backward(backbone, weightedShape, weighted(batch, 1, 0, 1, 2));
      const twice = await backward(backbone, tinyShape, pickRows(batch, [0, 2, 3, 3]));
      expect(once.loss).toBeCloseTo(twice.loss, 6);
      expect(largestDifference(once, twice)).toBeLessThan(1e-6);
    },
  );

  test.each([
    ...small,
    withStatistics,
    ["dien with its auxiliary loss", withAuxiliaryLoss],
  ] as const)(
    "%s: a batch whose rows all have weight 0 has loss 0 and no gradient",
    async (_name, backbone) => {
      const batch = weighted(randomBatch(tinyShape), 0, 0, 0, 0);
      const { loss, gradients } = await backward(backbone, weightedShape, batch);
      expect(loss).toBe(0);
      for (const { name, gradient } of gradients) {
        expect(Math.max(...gradient.map(Math.abs)), name).toBe(0);
      }
    },
  );

  test("is of no weight when scoring", async () => {
    const batch = randomBatch(tinyShape);
    const request = { backbone: "dcn", shape: weightedShape, seed: 1, threads: 1 } as const;
    const engine = await createOnnxEngine(request);
    const scores = await engine.predict(weighted(batch, 2, 0, 0.5, 0));
    expect(await engine.predict(weighted(batch, 0, 0, 0, 7))).toEqual(scores);
    await engine.close();
  });
});
