import { FlowError } from "../../errors.ts";
import type { Batch, ModelShape } from "../engine.ts";

/**
 * Refuses a batch that does not fit the model. Native gather and scatter trust their indices, so a wrong id could otherwise
 * end the process. Costs some microseconds a batch.
 *
 * @throws FlowError `INPUT_INVALID` naming array, row and value
 */
export function checkBatch(batch: Batch, shape: ModelShape): void {
  const { batchSize, attributesPerItem, history, knowledge } = shape;
  if (!Number.isInteger(batch.size) || batch.size < 1 || batch.size > batchSize) {
    throw invalid(`\`size\` must be an integer from 1 to ${batchSize}, got ${batch.size}`);
  }
  checkIds("items", batch.items, 1, shape.items, batchSize);
  checkIds("attributes", batch.attributes, attributesPerItem, shape.attributeValues, batchSize);
  checkIds("historyItems", batch.historyItems, history, shape.items, batchSize);
  const historyWidth = history * attributesPerItem;
  checkIds(
    "historyAttributes",
    batch.historyAttributes,
    historyWidth,
    shape.attributeValues,
    batchSize,
  );
  checkIds("historyRatings", batch.historyRatings, history, shape.ratings, batchSize);
  checkIds("historyLengths", batch.historyLengths, 1, history, batchSize);
  checkLength("labels", batch.labels, batchSize);
  if (knowledge) {
    checkLength("userVectors", batch.userVectors, batchSize * knowledge.userDim);
    checkLength("itemVectors", batch.itemVectors, batchSize * knowledge.itemDim);
  }
}

/** Values must lie in 0 to `highest`, `rowWidth` of them a row. */
function checkIds(
  name: string,
  values: Int32Array,
  rowWidth: number,
  highest: number,
  rows: number,
): void {
  checkLength(name, values, rows * rowWidth);
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? 0;
    if (value < 0 || value > highest) {
      const row = Math.floor(index / rowWidth);
      throw invalid(`\`${name}\` of row ${row} holds ${value}; the model knows 0 to ${highest}`);
    }
  }
}

function checkLength(
  name: string,
  values: Float32Array | Int32Array | undefined,
  expected: number,
): void {
  if (values?.length !== expected) {
    throw invalid(`\`${name}\` must hold ${expected} values, got ${values?.length ?? "none"}`);
  }
}

function invalid(reason: string): FlowError {
  return new FlowError("INPUT_INVALID", `Batch does not fit the model: ${reason}`);
}
