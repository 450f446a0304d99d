import { FlowError } from "../../base/errors.ts";
import type { Batch, ModelShape } from "./engine.ts";
import { slotsOf } from "./model-inputs.ts";

/**
 * Refuses a batch that does not fit the model. Native gather and scatter trust their indices, so a wrong id could otherwise
 * end the process. Costs some microseconds a batch.
 *
 * @throws FlowError `INPUT_INVALID` naming array, row and value
 */
export function checkBatch(batch: Batch, shape: ModelShape): void {
  const { batchSize, history, userFeatures, isWeighted, knowledge } = shape;
  if (!Number.isInteger(batch.size) || batch.size < 1 || batch.size > batchSize) {
    throw invalid(`\`size\` must be an integer from 1 to ${batchSize}, got ${batch.size}`);
  }
  const slots = slotsOf(shape);
  const { items, attributeValues, ratings } = shape;
  checkIds("items", batch.items, 1, items, batchSize);
  checkIds("attributes", batch.attributes, slots, attributeValues, batchSize);
  checkIds("historyItems", batch.historyItems, history, items, batchSize);
  const historySlots = history * slots;
  checkIds("historyAttributes", batch.historyAttributes, historySlots, attributeValues, batchSize);
  checkIds("historyRatings", batch.historyRatings, history, ratings, batchSize);
  checkIds("historyLengths", batch.historyLengths, 1, history, batchSize);
  if (userFeatures) {
    const { fields, values } = userFeatures;
    checkIds("userFeatures", batch.userFeatures, fields, values, batchSize);
  }
  checkLength("labels", batch.labels, batchSize);
  if (isWeighted) checkLength("weights", batch.weights, batchSize);
  const { userDim, itemDim } = knowledge ?? {};
  if (userDim !== undefined) checkLength("userVectors", batch.userVectors, batchSize * userDim);
  if (itemDim !== undefined) checkLength("itemVectors", batch.itemVectors, batchSize * itemDim);
}

/** Values must lie in 0 to `highest`, `rowWidth` of them a row. */
function checkIds(
  name: string,
  values: Int32Array | undefined,
  rowWidth: number,
  highest: number,
  rows: number,
): void {
  const ids = checkLength(name, values, rows * rowWidth);
  for (let index = 0; index < ids.length; index++) {
    const value = ids[index] ?? 0;
    if (value < 0 || value > highest) {
      const row = Math.floor(index / rowWidth);
      throw invalid(`\`${name}\` of row ${row} holds ${value}; the model knows 0 to ${highest}`);
    }
  }
}

function checkLength<Values extends Float32Array | Int32Array>(
  name: string,
  values: Values | undefined,
  expected: number,
): Values {
  if (values?.length === expected) return values;
  throw invalid(`\`${name}\` must hold ${expected} values, got ${values?.length ?? "none"}`);
}

function invalid(reason: string): FlowError {
  return new FlowError("INPUT_INVALID", `Batch does not fit the model: ${reason}`);
}
