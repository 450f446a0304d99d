import { setImmediate } from "node:timers/promises";
import { tableFromArrays, type RecordBatch } from "apache-arrow";

const rowsPerBatch = 8192;

/** A column's values, without nulls: TINYINT, INTEGER or FLOAT. */
export type NumberColumn = Int8Array | Int32Array | Float32Array;

/** Columns of equal length as record batches, without a copy. The event loop turns between two batches. */
export async function* columnBatches(
  columns: Readonly<Record<string, NumberColumn>>,
): AsyncGenerator<RecordBatch> {
  const rows = Math.max(...Object.values(columns).map(({ length }) => length));
  for (let start = 0; start < rows; start += rowsPerBatch) {
    await setImmediate();
    const parts = Object.entries(columns).map(
      ([name, values]) => [name, values.subarray(start, start + rowsPerBatch)] as const,
    );
    yield* tableFromArrays(Object.fromEntries(parts)).batches;
  }
}
