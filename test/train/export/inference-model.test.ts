import { InferenceSession, Tensor } from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { backbones, type BackboneName } from "../../../src/models/backbones.ts";
import { heaConnector } from "../../../src/models/connectors/hea-connector.ts";
import { mlpConnector } from "../../../src/models/connectors/mlp-connector.ts";
import type { Backbone } from "../../../src/models/model.ts";
import type { Batch, ModelShape } from "../../../src/train/engine/engine.ts";
import { inferenceModel } from "../../../src/train/export/inference-model.ts";
import { createOnnxModel } from "../../../src/train/engine/onnx-model.ts";
import { createRandom } from "../../../src/base/random.ts";
import { pickRows, randomBatch } from "../engine/random-batch.ts";

const base: ModelShape = {
  batchSize: 5,
  items: 9,
  attributeValues: 6,
  attributeSlots: [1, 1],
  ratings: 5,
  history: 3,
  embeddingDim: 4,
};
const shapes: readonly (readonly [string, ModelShape])[] = [
  ["Base", base],
  ["knowledge", { ...base, knowledge: { userDim: 6, itemDim: 6 } }],
  ["attributes of several values", { ...base, attributeSlots: [3, 1, 2] }],
  ["a long attribute", { ...base, attributeSlots: [17, 1] }],
];

/** The model's file and what the model itself says of a batch, with parameters that are all off their start values. */
async function exported(
  backbone: Backbone,
  shape: ModelShape,
  batch: Batch,
  connector = mlpConnector(),
) {
  const definition = { backbone, connector, shape };
  const model = await createOnnxModel({ ...definition, seed: 1, threads: 1 });
  const random = createRandom(3);
  const { parameters, buffers } = model;
  for (const { values } of parameters.values())
    values.forEach((value, at) => (values[at] = value + random.normal() / 5));
  for (const { values } of buffers.values())
    // variances among them: never below 0
    values.forEach((value, at) => (values[at] = value + random.uniform()));
  const tensors = new Map(
    [...parameters.values(), ...buffers.values()].map(({ name, values }) => [name, values]),
  );
  const expected = await model.predict(batch);
  const file = inferenceModel({ ...definition, tensors });
  await model.close();
  return { ...file, expected };
}

async function run(
  bytes: Uint8Array,
  inputs: readonly { readonly name: string; readonly shape: readonly number[] }[],
  batch: Batch,
): Promise<Float32Array> {
  const session = await InferenceSession.create(bytes, { intraOpNumThreads: 1 });
  expect(session.inputNames).toEqual(inputs.map(({ name }) => name));
  const feeds = inputs.map(({ name, shape }) => {
    const values = batch[name as keyof Omit<Batch, "size">];
    const sizes = [batch.size, ...shape.slice(1)];
    if (values === undefined) throw new Error(`no ${name} in the batch`);
    return [
      name,
      values instanceof Float32Array ? new Tensor(values, sizes) : new Tensor(values, sizes),
    ];
  });
  const { probabilities } = await session.run(Object.fromEntries(feeds) as Record<string, Tensor>);
  await session.release();
  expect(probabilities?.dims).toEqual([batch.size]);
  return probabilities?.data as Float32Array;
}

/** Random rows of which some have fewer attribute values, one no history. */
function batchOf(shape: ModelShape): Batch {
  const batch = randomBatch(shape);
  const holes = (_id: number, at: number, ids: Int32Array): void => {
    if (at % 4 === 2) ids[at] = 0;
  };
  batch.attributes.forEach(holes);
  batch.historyAttributes.forEach(holes);
  return batch;
}

describe.each(Object.keys(backbones) as readonly BackboneName[])("inferenceModel of %s", (name) => {
  test.each(shapes)(
    "%s: gives the engine's probabilities at any batch size",
    async (_name, shape) => {
      const batch = batchOf(shape);
      const { bytes, inputs, expected } = await exported(backbones[name]({}), shape, batch);
      for (const rows of [[0], [4, 1, 3], [0, 1, 2, 3, 4], [4, 3, 2, 1, 0, 0, 1, 2]]) {
        const probabilities = await run(bytes, inputs, pickRows(batch, rows));
        rows.forEach((row, at) => {
          expect(Math.abs((probabilities[at] ?? NaN) - (expected[row] ?? NaN))).toBeLessThan(1e-6);
        });
      }
      expect(new Set(expected).size).toBe(5);
    },
  );
});

describe("inferenceModel", () => {
  test.each(Object.keys(backbones) as readonly BackboneName[])(
    "%s in the reference form, which may look across the batch, gives the engine's probabilities for its batch",
    async (name) => {
      const backbone = backbones[name]({ form: "reference" });
      const batch = batchOf(base);
      const { bytes, inputs, expected } = await exported(backbone, base, batch);
      const probabilities = await run(bytes, inputs, batch);
      expect(probabilities).toHaveLength(5);
      probabilities.forEach((probability, row) => {
        expect(Math.abs(probability - (expected[row] ?? NaN))).toBeLessThan(1e-6);
      });
    },
  );

  test("is fed ids, lengths and vectors, nothing that follows from them", async () => {
    const shape: ModelShape = {
      ...base,
      attributeSlots: [2],
      knowledge: { userDim: 6, itemDim: 6 },
    };
    const { inputs } = await exported(backbones.dcn({}), shape, batchOf(shape), heaConnector());
    expect(inputs.map(({ name, type, shape: sizes }) => [name, type, sizes])).toEqual([
      ["items", "int32", [-1]],
      ["attributes", "int32", [-1, 2]],
      ["historyItems", "int32", [-1, 3]],
      ["historyAttributes", "int32", [-1, 3, 2]],
      ["historyRatings", "int32", [-1, 3]],
      ["historyLengths", "int32", [-1]],
      ["userVectors", "float32", [-1, 6]],
      ["itemVectors", "float32", [-1, 6]],
    ]);
  });

  test("says whether a probability depends on the rows fed together", async () => {
    const looking = async (form: "corrected" | "reference"): Promise<readonly string[]> => {
      const found: string[] = [];
      for (const [name, backbone] of Object.entries(backbones)) {
        const { looksAcrossRows } = await exported(backbone({ form }), base, batchOf(base));
        if (looksAcrossRows) found.push(name);
      }
      return found.sort();
    };
    expect(await looking("corrected")).toEqual([]);
    expect(await looking("reference")).toEqual(["dien", "din", "gru4rec"]);
  });

  test("uses standard operators alone", async () => {
    const shape: ModelShape = { ...base, knowledge: { userDim: 6, itemDim: 6 } };
    for (const backbone of Object.values(backbones)) {
      const { bytes } = await exported(backbone({}), shape, batchOf(shape));
      expect(Buffer.from(bytes).includes("com.microsoft")).toBe(false);
    }
  });

  test("names the parameter that is missing", () => {
    const definition = { backbone: backbones.dcn({}), connector: mlpConnector(), shape: base };
    expect(() => inferenceModel({ ...definition, tensors: new Map() })).toThrow(
      'internal: "attr_embedding.weight" needs 28 numbers, got none',
    );
  });
});
