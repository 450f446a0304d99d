import { describe, expect, test } from "vitest";

import type { BackboneOptions } from "../../../src/models/backbones.ts";
import { evolutionGrus } from "../../../src/models/backbones/dien.ts";
import type { Batch, Engine, ModelShape } from "../../../src/train/engine/engine.ts";
import { withEngine } from "./engine-harness.ts";
import { pickRows, randomBatch } from "./random-batch.ts";

const shape: ModelShape = {
  batchSize: 4,
  items: 9,
  attributeValues: 5,
  attributeSlots: [1],
  ratings: 5,
  history: 3,
  embeddingDim: 4,
};
const batch = randomBatch(shape);

/** What `use` makes of a DIEN of seed 1. */
async function withDien<T>(
  backboneOptions: BackboneOptions,
  use: (engine: Engine) => Promise<T>,
  size: ModelShape = shape,
): Promise<T> {
  let result: { readonly value: T } | undefined;
  await withEngine({ backbone: "dien", backboneOptions, shape: size }, async (engine) => {
    result = { value: await use(engine) };
  });
  if (result === undefined) throw new Error("no result");
  return result.value;
}

const predicted = (options: BackboneOptions): Promise<Float32Array> =>
  withDien(options, (engine) => engine.predict(batch));

describe("train.dien.gru", () => {
  test("is AUGRU as published and AIGRU in the reference's form, unless set", async () => {
    const corrected = await predicted({});
    expect(await predicted({ dien: { gru: "augru" } })).toEqual(corrected);
    expect(await predicted({ dien: { gru: "aigru" } })).not.toEqual(corrected);
    const reference = await predicted({ form: "reference" });
    expect(await predicted({ form: "reference", dien: { gru: "aigru" } })).toEqual(reference);
    expect(await predicted({ form: "reference", dien: { gru: "gru" } })).not.toEqual(reference);
  });

  test.each(evolutionGrus)(
    "%s: learns, and scores a row without regard to its batch mates",
    async (gru) => {
      await withDien({ dien: { gru } }, async (engine) => {
        for (let step = 0; step < 60; step++) await engine.step(batch, 0.02);
        expect(await engine.step(batch, 0)).toBeLessThan(0.05);
        const together = await engine.predict(batch);
        const mixed = await engine.predict(pickRows(batch, [3, 1, 1, 0]));
        [3, 1, 1, 0].forEach((row, at) => {
          expect(mixed[at]).toBeCloseTo(together[row] ?? NaN, 6);
        });
      });
    },
  );
});

describe("train.dien.auxiliaryLoss", () => {
  const step = (auxiliaryLoss: number) =>
    withDien({ dien: { auxiliaryLoss } }, async (engine) => ({
      loss: await engine.step(batch, 0.01),
      snapshot: await engine.snapshot(),
    }));

  test("moves the parameters, but is no part of the loss that is reported", async () => {
    const without = await step(0);
    const having = await step(1);
    expect(having.loss).toBe(without.loss);
    expect(having.snapshot).not.toEqual(without.snapshot);
  });

  test("sees the rows of a short batch alone", async () => {
    const options = { dien: { auxiliaryLoss: 1 } };
    const short: Batch = { ...pickRows(batch, [0, 1, 3, 3]), size: 2 };
    const trained = await withDien(options, async (engine) => {
      await engine.step(short, 0.01);
      return engine.snapshot();
    });
    const exact = await withDien(
      options,
      async (engine) => {
        await engine.step(pickRows(batch, [0, 1]), 0.01);
        return engine.snapshot();
      },
      { ...shape, batchSize: 2 },
    );
    trained.forEach((value, at) => {
      expect(value).toBeCloseTo(exact[at] ?? NaN, 5);
    });
  });
});
