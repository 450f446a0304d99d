import { slotsOf } from "../../../src/train/engine/model-inputs.ts";
import type { Batch, ModelShape } from "../../../src/train/engine/engine.ts";
import { createRandom } from "../../../src/base/random.ts";

/** A Base model that trains in no time. */
export const tinyShape: ModelShape = {
  batchSize: 4,
  items: 9,
  attributeValues: 5,
  attributeSlots: [1, 1],
  ratings: 5,
  history: 3,
  embeddingDim: 4,
};

/** Rows of random ids and vectors, labels 1, 0, 1, 0, …, histories of H, H - 1, …, 1, 0, 0, … events, padded with anything valid. */
export function randomBatch(shape: ModelShape, seed = 11): Batch {
  const random = createRandom(seed);
  const { batchSize, history, userFeatures, knowledge } = shape;
  const slots = slotsOf(shape);
  const ids = (length: number, highest: number) =>
    Int32Array.from({ length }, () => 1 + Math.floor(random.uniform() * highest));
  const vectors = (width: number) =>
    Float32Array.from({ length: batchSize * width }, () => random.normal());
  const { userDim, itemDim } = knowledge ?? {};
  return {
    size: batchSize,
    items: Int32Array.from({ length: batchSize }, (_, row) => 1 + (row % shape.items)),
    attributes: ids(batchSize * slots, shape.attributeValues),
    historyItems: ids(batchSize * history, shape.items),
    historyAttributes: ids(batchSize * history * slots, shape.attributeValues),
    historyRatings: ids(batchSize * history, shape.ratings),
    historyLengths: Int32Array.from({ length: batchSize }, (_, row) => Math.max(0, history - row)),
    labels: Float32Array.from({ length: batchSize }, (_, row) => 1 - (row % 2)),
    ...(userFeatures && {
      userFeatures: ids(batchSize * userFeatures.fields, userFeatures.values),
    }),
    ...(userDim !== undefined && { userVectors: vectors(userDim) }),
    ...(itemDim !== undefined && { itemVectors: vectors(itemDim) }),
  };
}

/** A batch of these rows of another, in any number. */
export function pickRows(batch: Batch, rows: readonly number[]): Batch {
  const rowsThere = batch.items.length;
  const pick = <A extends Int32Array | Float32Array>(values: A): A => {
    const width = values.length / rowsThere;
    const length = rows.length * width;
    const picked = (
      values instanceof Float32Array ? new Float32Array(length) : new Int32Array(length)
    ) as A;
    rows.forEach((row, index) => {
      picked.set(values.subarray(row * width, (row + 1) * width), index * width);
    });
    return picked;
  };
  const { size, ...arrays } = batch;
  const picked = Object.entries(arrays).map(([name, values]) => [name, pick(values)] as const);
  return { size: rows.length, ...(Object.fromEntries(picked) as unknown as typeof arrays) };
}
