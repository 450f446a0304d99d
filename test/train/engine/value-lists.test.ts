import { describe, expect, test } from "vitest";
import { createRandom } from "../../../src/base/random.ts";
import { backbones, type BackboneName } from "../../../src/models/backbones.ts";
import type { Batch, ModelShape } from "../../../src/train/engine/engine.ts";
import { listCollector } from "../../../src/train/engine/value-lists.ts";
import { withEngine } from "./engine-harness.ts";
import { randomBatch, tinyShape } from "./random-batch.ts";

describe("listCollector", () => {
  const collect = listCollector({ attributeSlots: [18, 1, 17] });
  const item = (first: readonly number[], second: number, third: readonly number[]): number[] => [
    ...first,
    ...Array<number>(18 - first.length).fill(0),
    second,
    ...third,
    ...Array<number>(17 - third.length).fill(0),
  ];

  test("takes the values of long attributes in their order, with owner and share", () => {
    const { ids, owners, weights } = collect(
      Int32Array.from([...item([4, 5, 6], 1, [9]), ...item([], 2, [8, 7])]),
    );
    expect([...ids.subarray(0, 6)]).toEqual([4, 5, 6, 9, 8, 7]);
    expect([...owners.subarray(0, 6)]).toEqual([0, 0, 0, 1, 3, 3]);
    const third = Math.fround(1 / 3);
    expect([...weights.subarray(0, 6)]).toEqual([third, third, third, 1, 0.5, 0.5]);
  });

  test("fills up with weights of 0, also over what an earlier batch left", () => {
    const all = item(
      Array.from({ length: 18 }, (_none, place) => place + 1),
      1,
      Array<number>(17).fill(30),
    );
    expect(collect(Int32Array.from([...all, ...all, ...all])).ids).toHaveLength(112);
    const empty = collect(new Int32Array(36));
    expect(empty.ids).toEqual(new Int32Array(16));
    expect(empty.owners).toEqual(new Int32Array(16));
    expect(empty.weights).toEqual(new Float32Array(16));
    expect(collect(new Int32Array(72)).ids).toBe(empty.ids);
  });
});

const [padded, listed]: readonly ModelShape[] = [16, 17].map((slots) => ({
  ...tinyShape,
  attributeSlots: [1, slots],
  attributeValues: 40,
}));

/** Items of 0 to 16 values; the same in any number of slots from 16 on. */
function batchOf(shape: ModelShape): Batch {
  const single = randomBatch(tinyShape);
  const { attributes, historyAttributes } = randomBatch(shape);
  const batch = { ...single, attributes, historyAttributes };
  const slots = 1 + (shape.attributeSlots[1] ?? 0);
  for (const ids of [batch.attributes, batch.historyAttributes]) {
    const { uniform } = createRandom(5);
    for (let row = 0; row < ids.length; row += slots) {
      const values = Math.floor(17 * uniform());
      const drawn = Array.from({ length: 17 }, () => 1 + Math.floor(40 * uniform()));
      ids.fill(0, row, row + slots);
      drawn.slice(0, values + 1).forEach((id, place) => (ids[row + place] = id));
    }
  }
  return batch;
}

describe("lists of attribute values", () => {
  if (padded === undefined || listed === undefined) throw new Error("no shapes");

  test.each(Object.keys(backbones) as BackboneName[])(
    "%s: losses of ten steps, and probabilities after, are those of padded values",
    async (backbone) => {
      const [one, other] = await Promise.all([padded, listed].map(trained));
      async function trained(shape: ModelShape): Promise<readonly number[]> {
        const numbers: number[] = [];
        await withEngine({ backbone, shape }, async (engine) => {
          const batch = batchOf(shape);
          for (let step = 0; step < 10; step++) numbers.push(await engine.step(batch, 0.01));
          numbers.push(...(await engine.predict(batch)));
        });
        return numbers;
      }
      expect(one).toHaveLength(10 + padded.batchSize);
      one?.forEach((value, at) => {
        expect(other?.[at]).toBeCloseTo(value, 5);
      });
    },
  );
});
