import { setImmediate } from "node:timers/promises";
import type { RecordBatch } from "apache-arrow";
import { batchFromRows } from "./batch-from-rows.ts";
import type { Row } from "./database.ts";

const rowsPerBatch = 8192;

/** A table's rows, computed one by one, as record batches. Yields to the event loop before each batch. */
export async function* rowBatches(
  table: string,
  rows: number,
  rowAt: (row: number) => Row,
): AsyncGenerator<RecordBatch> {
  for (let start = 0; start < rows; start += rowsPerBatch) {
    await setImmediate();
    const length = Math.min(rowsPerBatch, rows - start);
    yield batchFromRows(
      table,
      Array.from({ length }, (_none, offset) => rowAt(start + offset)),
    );
  }
}
