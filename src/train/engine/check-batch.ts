import { FlowError } from "../../base/errors.ts";
import { elements } from "../../base/element-count.ts";
import type { ModelShape } from "../../models/model.ts";
import type { Batch } from "./engine.ts";
import { batchNames, modelInputs, type BatchName } from "./model-inputs.ts";

/**
 * Refuses a batch that does not fit the model. Native gather and scatter do not check their indices, so a wrong id could crash the
 * process. Costs some microseconds per batch.
 *
 * @throws FlowError `INPUT_INVALID` naming array, row and value
 */
export function checkBatch(batch: Batch, shape: ModelShape): void {
  const { batchSize } = shape;
  if (!Number.isInteger(batch.size) || batch.size < 1 || batch.size > batchSize) {
    throw invalid(`\`size\` must be an integer from 1 to ${batchSize}, got ${batch.size}`);
  }
  for (const name of batchNames) {
    const { rowShape, highest } = modelInputs[name];
    const sizes = rowShape(shape);
    if (sizes === undefined) continue;
    const rowWidth = elements(sizes);
    const values = batch[name];
    if (values?.length !== batchSize * rowWidth) {
      throw invalid(
        `\`${name}\` must hold ${batchSize * rowWidth} values, got ${values?.length ?? "none"}`,
      );
    }
    if (highest !== undefined) checkIds(name, values, highest(shape), rowWidth);
  }
}

/** Values must lie in 0 to `highest`, `rowWidth` of them per row. */
function checkIds(
  name: BatchName,
  ids: Int32Array | Float32Array,
  highest: number,
  rowWidth: number,
): void {
  for (let index = 0; index < ids.length; index++) {
    const value = ids[index] ?? 0;
    if (value < 0 || value > highest) {
      const row = Math.floor(index / rowWidth);
      throw invalid(`\`${name}\` of row ${row} holds ${value}; the model knows 0 to ${highest}`);
    }
  }
}

function invalid(reason: string): FlowError {
  return new FlowError("INPUT_INVALID", `Batch does not fit the model: ${reason}`);
}
