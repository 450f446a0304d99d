/** @file What bench/train.ts trains on: random rows of MovieLens-1M's sizes with two knowledge vectors each. */
import { createBatcher } from "../src/train/data/batcher.ts";
import { createDenseIndex } from "../src/train/data/dense-index.ts";
import type { Batch, ModelShape } from "../src/train/engine/engine.ts";
import type { ItemFeatures } from "../src/train/data/item-features.ts";
import { createRandom } from "../src/base/random.ts";
import { memorySplit } from "../src/train/data/sample-split.ts";
import type { SplitColumns } from "../src/train/data/split-columns.ts";
import type { VectorTable } from "../src/train/data/vectors.ts";

/** Training rows of MovieLens-1M under protocol `reference`. */
export const rows = 737_358;
export const users = 6040;
/** Numbers in a knowledge vector. */
export const vectorDim = 1024;

/** The model's sizes with a history of `history` events. */
export function movielensShape(history: number) {
  return {
    batchSize: 256,
    items: 3706,
    attributeValues: 18,
    attributeSlots: [1],
    ratings: 5,
    history,
    embeddingDim: 32,
    knowledge: { userDim: vectorDim, itemDim: vectorDim },
  } as const satisfies ModelShape;
}

/** Endless batches, shuffled again each epoch, from rows in memory and vectors looked up by id. */
export async function* shuffledBatches(shape: ModelShape): AsyncGenerator<Batch, never> {
  const batcher = createBatcher({
    batchSize: shape.batchSize,
    history: shape.history,
    items: randomItems(shape),
    knowledge: { user: randomVectors(users, 1), item: randomVectors(shape.items, 2) },
  });
  const columns = randomRows(shape);
  const split = memorySplit(columns, columns.labels.filter((label) => label === 1).length);
  for (let epoch = 1; ; epoch++) {
    yield* batcher.batches(split.shuffled({ seed: 1, epoch, skip: 0 }));
  }
}

/** Copies of the first batches of `source`, repeated endlessly. */
export async function* repeatedBatches(
  source: AsyncGenerator<Batch, never>,
  count: number,
): AsyncGenerator<Batch, never> {
  const copies: Batch[] = [];
  while (copies.length < count) copies.push(structuredClone((await source.next()).value));
  for (;;) yield* copies;
}

function randomItems({ items, attributeValues }: ModelShape): ItemFeatures {
  return {
    index: createDenseIndex(Int32Array.from({ length: items }, (_, item) => item + 1)),
    attributeSlots: [1],
    attributeValues,
    attributes: randomIds(items + 1, attributeValues, "attributes"),
  };
}

/** Every row has a full history, as in MovieLens-1M, where each user rated twenty items or more. */
function randomRows({ items, ratings, history }: ModelShape): SplitColumns {
  return {
    rows,
    users: randomIds(rows, users, "users"),
    places: new Int32Array(rows),
    items: randomIds(rows, items, "items"),
    labels: Float32Array.from(randomIds(rows, 2, "labels"), (label) => label - 1),
    historyItems: randomIds(rows * history, items, "history items"),
    historyRatings: randomIds(rows * history, ratings, "history ratings"),
    historyLengths: new Int32Array(rows).fill(history),
  };
}

function randomVectors(subjects: number, seed: number): VectorTable {
  const { normal } = createRandom(seed, "vectors");
  const values = new Float32Array((subjects + 1) * vectorDim);
  for (let index = vectorDim; index < values.length; index++) values[index] = normal();
  return { width: vectorDim, values, isPresent: new Uint8Array(subjects + 1).fill(1, 1) };
}

function randomIds(length: number, highest: number, stream: string): Int32Array {
  const { uniform } = createRandom(1, stream);
  return Int32Array.from({ length }, () => 1 + Math.floor(uniform() * highest));
}
