/** @file From a batch to ONNX Runtime's feeds. Tensors wrap the batch's own arrays and are made once for each array. */
import type { Tensor } from "onnxruntime-node";

import type { Batch, ModelShape } from "../engine.ts";
import type { NamedTensors } from "./bound-session.ts";
import { checkBatch } from "./check-batch.ts";
import type { OnnxRuntime } from "./runtime.ts";

/**
 * A function that checks a batch and gives its feeds. The object it returns is the same each time, with other contents.
 *
 * Besides the batch's own arrays it feeds `historyWeights` `[B, H]`, 1 / length for each event, and `rowWeights` `[B]`,
 * 1 / size for the rows that count: a short batch runs in the graph of a full one.
 */
export function batchFeeds(
  { Tensor }: OnnxRuntime,
  shape: ModelShape,
): (batch: Batch) => NamedTensors {
  const { batchSize, attributesPerItem, history, knowledge } = shape;
  const wrapped = new WeakMap<Float32Array | Int32Array, Tensor>();
  const feeds: Record<string, Tensor> = {};

  function feed(
    name: string,
    values: Float32Array | Int32Array | undefined,
    dims: readonly number[],
  ): void {
    if (values === undefined) return;
    let tensor = wrapped.get(values);
    if (tensor === undefined) {
      tensor = values instanceof Float32Array ? new Tensor(values, dims) : new Tensor(values, dims);
      wrapped.set(values, tensor);
    }
    feeds[name] = tensor;
  }

  const historyWeights = new Float32Array(batchSize * history);
  const rowWeights = new Float32Array(batchSize);
  feed("historyWeights", historyWeights, [batchSize, history]);
  feed("rowWeights", rowWeights, [batchSize]);

  return (batch) => {
    checkBatch(batch, shape);
    for (let row = 0; row < batchSize; row++) {
      const length = batch.historyLengths[row] ?? 0;
      const start = row * history;
      historyWeights.fill(1 / length, start, start + length);
      historyWeights.fill(0, start + length, start + history);
    }
    rowWeights.fill(1 / batch.size, 0, batch.size).fill(0, batch.size);
    feed("items", batch.items, [batchSize]);
    feed("attributes", batch.attributes, [batchSize, attributesPerItem]);
    feed("historyItems", batch.historyItems, [batchSize, history]);
    feed("historyAttributes", batch.historyAttributes, [batchSize, history, attributesPerItem]);
    feed("historyRatings", batch.historyRatings, [batchSize, history]);
    feed("labels", batch.labels, [batchSize]);
    if (knowledge) {
      feed("userVectors", batch.userVectors, [batchSize, knowledge.userDim]);
      feed("itemVectors", batch.itemVectors, [batchSize, knowledge.itemDim]);
    }
    return feeds;
  };
}
