import type { Batch } from "../engine/engine.ts";
import { slotsOf } from "../engine/model-inputs.ts";
import type { ItemFeatures } from "./item-features.ts";
import type { RowPieces } from "./sample-split.ts";
import type { SplitColumns } from "./split-columns.ts";
import type { UserFeatures } from "./user-features.ts";
import type { Knowledge, VectorTable } from "./vectors.ts";

export interface BatcherOptions {
  /** `B`. */
  readonly batchSize: number;
  /** `H`, as the samples were loaded. */
  readonly history: number;
  readonly items: ItemFeatures;
  /** Whether rows have weights; default false. */
  readonly isWeighted?: boolean;
  /** Absent = the model sees nothing of the users themselves. */
  readonly userFeatures?: UserFeatures;
  /** Absent = no knowledge (Base). */
  readonly knowledge?: Knowledge;
}

/** Cuts rows into mini-batches. There is one {@link Batch}, filled again for each; nothing is allocated while training. */
export interface Batcher {
  /** The rows in batches of `B`, the last one shorter; a batch may hold the end of one piece and the beginning of the next. */
  readonly batches: (pieces: RowPieces) => AsyncGenerator<Batch, void>;
}

export function createBatcher(options: BatcherOptions): Batcher {
  const { batchSize, history, items, isWeighted, userFeatures, knowledge } = options;
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
    ...(isWeighted && { weights: new Float32Array(batchSize) }),
    ...(userFeatures && { userFeatures: new Int32Array(batchSize * userFeatures.fields) }),
    ...(knowledge?.user && { userVectors: new Float32Array(batchSize * knowledge.user.width) }),
    ...(knowledge?.item && { itemVectors: new Float32Array(batchSize * knowledge.item.width) }),
  };

  function copyRow(split: SplitColumns, row: number, at: number): void {
    batch.items[at] = split.items[row] ?? 0;
    batch.labels[at] = split.labels[row] ?? 0;
    if (batch.weights) batch.weights[at] = split.weights?.[row] ?? 0;
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

  /** The batch, once its first `size` rows are copied. */
  function completed(size: number): Batch {
    batch.size = size;
    copyAttributes(items, batch.items, batch.attributes);
    copyAttributes(items, batch.historyItems, batch.historyAttributes);
    return batch;
  }

  return {
    async *batches(pieces) {
      let filled = 0;
      for await (const { columns, order } of pieces) {
        const rows = order?.length ?? columns.rows;
        for (let place = 0; place < rows; place++) {
          copyRow(columns, order === undefined ? place : (order[place] ?? 0), filled);
          filled += 1;
          if (filled < batchSize) continue;
          yield completed(filled);
          filled = 0;
        }
      }
      if (filled > 0) yield completed(filled);
    },
  };
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
