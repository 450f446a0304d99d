import { RecordBatch, Schema, Struct, makeData, Field } from "apache-arrow";
import type { Database, SqlParams } from "./database.ts";
import { columnReader } from "./column-reader.ts";

export interface ReadOptions {
  /** Minimum rows per batch, except the last. Default 8192. */
  readonly batchRows?: number;
  readonly params?: SqlParams;
}

/**
 * Streams a query's result as Arrow record batches in bounded memory.
 *
 * Each stream has its own connection: on a shared one, a second query would silently end it.
 * Types: integers up to 64 bits, FLOAT, DOUBLE, BOOLEAN, VARCHAR, TIMESTAMP and lists of numbers; cast others in the query.
 */
export async function* readBatches(
  db: Database,
  sql: string,
  options: ReadOptions = {},
): AsyncGenerator<RecordBatch> {
  const { batchRows = 8192, params } = options;
  const { connection, attempt, close } = await db.connect();
  try {
    const result = await attempt(sql, () => connection.stream(sql, params && { ...params }));
    const names = result.columnNames();
    const readers = result
      .columnTypes()
      .map((type, index) => columnReader(type, names[index] ?? ""));
    const schema = new Schema(
      readers.map((reader, index) => new Field(names[index] ?? "", reader.type, true)),
    );
    let rows = 0;
    const flush = (): RecordBatch => {
      const children = readers.map((reader) => reader.take());
      const data = makeData({
        type: new Struct(schema.fields),
        length: rows,
        nullCount: 0,
        children,
      });
      rows = 0;
      return new RecordBatch(schema, data);
    };
    for (;;) {
      const chunk = await attempt(sql, () => result.fetchChunk());
      if (chunk === null || chunk.rowCount === 0) break;
      readers.forEach((reader, index) => {
        reader.append(chunk.getColumnVector(index), chunk.rowCount);
      });
      rows += chunk.rowCount;
      if (rows >= batchRows) yield flush();
    }
    if (rows > 0) yield flush();
  } finally {
    close();
  }
}
