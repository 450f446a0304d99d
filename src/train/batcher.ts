import type { Batch } from "./engine.ts";
import { slotsOf } from "./graph/model-inputs.ts";
import type { ItemFeatures } from "./item-features.ts";
import { createRandom, shuffleInPlace } from "./random.ts";
import type { SplitColumns } from "./sample-columns.ts";
import type { UserFeatures } from "./user-features.ts";
import type { Knowledge, VectorTable } from "./vectors.ts";

export interface BatcherOptions {
  /** `B`. */
  readonly batchSize: number;
  /** `H`, as the samples were loaded. */
  readonly history: number;
  readonly items: ItemFeatures;
  /** Absent = the model sees nothing of the users themselves. */
  readonly userFeatures?: UserFeatures;
  /** Absent = no knowledge (Base). */
  readonly knowledge?: Knowledge;
}

/** Cuts rows into mini-batches. There is one {@link Batch}, filled again for each; nothing is allocated while training. */
export interface Batcher {
  /**
   * The rows in batches of `B`, the last one shorter.
   *
   * @param order - Rows in the order wanted, not necessarily all; all in their own order when left out
   */
  readonly batches: (split: SplitColumns, order?: Uint32Array) => Generator<Batch, void>;
}

export function createBatcher(options: BatcherOptions): Batcher {
  const { batchSize, history, items, userFeatures, knowledge } = options;
  const width = slotsOf(items);
  const batch: Batch = {
    size: 0,
    items: new Int32Array(batchSize),
    attributes: new Int32Array(batchSize * width),
    historyItems: new Int32Array(batchSize * history),
    historyAttributes: new Int32Array(batchSize * history * width),
    historyRatings: new Int32Array(batchSize * history),
    historyLengths: new Int32Array(batchSize),
    labels: new Float32Array(batchSize),
    ...(userFeatures && { userFeatures: new Int32Array(batchSize * userFeatures.fields) }),
    ...(knowledge?.user && { userVectors: new Float32Array(batchSize * knowledge.user.width) }),
    ...(knowledge?.item && { itemVectors: new Float32Array(batchSize * knowledge.item.width) }),
  };

  function copyRow(split: SplitColumns, row: number, at: number): void {
    batch.items[at] = split.items[row] ?? 0;
    batch.labels[at] = split.labels[row] ?? 0;
    batch.historyLengths[at] = split.historyLengths[row] ?? 0;
    for (let event = 0; event < history; event++) {
      batch.historyItems[at * history + event] = split.historyItems[row * history + event] ?? 0;
      batch.historyRatings[at * history + event] = split.historyRatings[row * history + event] ?? 0;
    }
    copyUserFeatures(split.users[row] ?? 0, at);
    copyVector(knowledge?.user, split.users[row] ?? 0, batch.userVectors, at);
    copyVector(knowledge?.item, split.items[row] ?? 0, batch.itemVectors, at);
  }

  function copyUserFeatures(user: number, at: number): void {
    if (userFeatures === undefined || batch.userFeatures === undefined) return;
    const { fields, ids } = userFeatures;
    for (let field = 0; field < fields; field++) {
      batch.userFeatures[at * fields + field] = ids[user * fields + field] ?? 0;
    }
  }

  return {
    *batches(split, order) {
      const rows = order?.length ?? split.rows;
      for (let start = 0; start < rows; start += batchSize) {
        batch.size = Math.min(batchSize, rows - start);
        for (let at = 0; at < batch.size; at++) {
          copyRow(split, order === undefined ? start + at : (order[start + at] ?? 0), at);
        }
        copyAttributes(items, batch.items, batch.attributes);
        copyAttributes(items, batch.historyItems, batch.historyAttributes);
        yield batch;
      }
    },
  };
}

/**
 * The order of an epoch's rows: the same for all variants and backbones of a seed.
 *
 * @param epoch - From 1
 * @returns Shape `[rows]`
 */
export function shuffledRows(rows: number, seed: number, epoch: number): Uint32Array {
  const order = Uint32Array.from({ length: rows }, (_none, row) => row);
  shuffleInPlace(order, createRandom(seed, `rows of epoch ${epoch}`));
  return order;
}

function copyVector(
  table: VectorTable | undefined,
  subject: number,
  target: Float32Array | undefined,
  at: number,
): void {
  if (table === undefined || target === undefined) return;
  const { width, values } = table;
  target.set(values.subarray(subject * width, (subject + 1) * width), at * width);
}

function copyAttributes(features: ItemFeatures, items: Int32Array, target: Int32Array): void {
  const { attributes } = features;
  const width = slotsOf(features);
  for (let at = 0; at < items.length; at++) {
    const item = items[at] ?? 0;
    for (let place = 0; place < width; place++) {
      target[at * width + place] = attributes[item * width + place] ?? 0;
    }
  }
}
