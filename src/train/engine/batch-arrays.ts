import { isLong } from "../../models/layers/embedding/long-attributes.ts";
import type { ModelShape } from "../../models/model.ts";
import type { InputArrays } from "../../onnx/session/tensor-feeds.ts";
import { checkBatch } from "./check-batch.ts";
import type { Batch } from "./engine.ts";
import { derivedNames, emptyArrays, hasLists, type ListName } from "./model-inputs.ts";
import { listCollector } from "./value-lists.ts";
import { batchWeight } from "./batch-weight.ts";

/**
 * A function that checks a batch and returns the arrays to feed: the batch's own and those derived from them. It returns the same
 * object each time, with new contents. A short batch runs in the graph of a full one.
 */
export function batchArrays(shape: ModelShape): (batch: Batch) => InputArrays {
  const own = emptyArrays(derivedNames, shape.batchSize, shape);
  const arrays: Record<string, Float32Array | Int32Array> = { ...own };
  const listsOf = hasLists(shape)
    ? { items: listCollector(shape), events: listCollector(shape) }
    : undefined;
  return (batch) => {
    checkBatch(batch, shape);
    for (const name of derivedNames) {
      const values = own[name];
      if (values !== undefined) derivations[name](values, batch, shape);
    }
    const { size, weights, ...given } = batch;
    if (listsOf === undefined) return Object.assign(arrays, given);
    const items = listsOf.items(batch.attributes);
    const events = listsOf.events(batch.historyAttributes);
    const lists = {
      attributeListIds: items.ids,
      attributeListOwners: items.owners,
      attributeListWeights: items.weights,
      historyAttributeListIds: events.ids,
      historyAttributeListOwners: events.owners,
      historyAttributeListWeights: events.weights,
    } satisfies Record<ListName, Float32Array | Int32Array>;
    return Object.assign(arrays, given, lists);
  };
}

type Derivation = (values: Float32Array, batch: Batch, shape: ModelShape) => void;

/** Fills each derived array; {@link modelInputs} says what it holds. */
const derivations: Readonly<Record<(typeof derivedNames)[number], Derivation>> = {
  historyWeights: (values, batch, shape) => {
    fillHistories(values, batch, shape, (length) => 1 / length);
  },
  historyMask: (values, batch, shape) => {
    fillHistories(values, batch, shape, () => 1);
  },
  rowWeights: (values, { size }) => {
    values.fill(1 / size, 0, size).fill(0, size);
  },
  lossWeights: shareWeights,
  attributeWeights: (values, { attributes }, shape) => {
    weighValues(values, attributes, shape);
  },
  historyAttributeWeights: (values, { historyAttributes }, shape) => {
    weighValues(values, historyAttributes, shape);
  },
};

/** Sets a row's events to a value that depends on their number, and its padding to 0. */
function fillHistories(
  values: Float32Array,
  { historyLengths }: Batch,
  { batchSize, history }: ModelShape,
  valueOf: (length: number) => number,
): void {
  for (let row = 0; row < batchSize; row++) {
    const length = historyLengths[row] ?? 0;
    const start = row * history;
    values.fill(valueOf(length), start, start + length);
    values.fill(0, start + length, start + history);
  }
}

/** Gives each row its share of the batch's weight; all 0 if the batch has none. */
function shareWeights(shares: Float32Array, batch: Batch): void {
  const total = batchWeight(batch);
  shares.fill(0);
  if (total === 0) return;
  for (let row = 0; row < batch.size; row++) shares[row] = (batch.weights?.[row] ?? 0) / total;
}

/** Gives each value 1 / (values of the same attribute), and 0 to places without one. Nothing reads those of long attributes. */
function weighValues(weights: Float32Array, ids: Int32Array, { attributeSlots }: ModelShape): void {
  if (!attributeSlots.some((places) => places > 1 && !isLong(places))) return;
  for (let at = 0; at < ids.length;) {
    for (const places of attributeSlots) {
      let values = 0;
      for (let place = 0; place < places; place++) values += ids[at + place] === 0 ? 0 : 1;
      for (let place = 0; place < places; place++, at++) {
        weights[at] = ids[at] === 0 ? 0 : 1 / values;
      }
    }
  }
}
