import { DataType, type RecordBatch, type Vector } from "apache-arrow";
import type {
  DuckDBArrayVector,
  DuckDBDataChunk,
  DuckDBType,
  DuckDBValue,
  DuckDBVector,
} from "@duckdb/node-api";
import { FlowError } from "../base/errors.ts";
import { duckdb } from "./duckdb.ts";
import { requiredSchemaOf } from "./check-schema.ts";
import type { Database } from "./database.ts";
import { quote, quoteName } from "./quote.ts";
import type { TableSchema } from "./schemas/index.ts";

/** DuckDB's fixed vector size: the maximum rows in a data chunk. */
const chunkRows = 2048;

export interface StageOptions {
  /** Columns that have the same value in every row; the batches need not have them. */
  readonly constants?: Readonly<Record<string, string | number>>;
}

/**
 * Loads Arrow record batches into DuckDB and creates the view `target` over them, with the columns of `table`'s schema except the
 * optional ones.
 *
 * Columns are matched by name. A list column may also be a FixedSizeList of Float32 (vectors), which is copied in blocks.
 */
export async function stageBatches(
  db: Database,
  table: string,
  target: string,
  batches: Iterable<RecordBatch> | AsyncIterable<RecordBatch>,
  { constants = {} }: StageOptions = {},
): Promise<void> {
  const { columns, ...rest } = requiredSchemaOf(table);
  const schema = { ...rest, columns: columns.filter(({ name }) => !(name in constants)) };
  const staging = stagingName(target);
  const { connection, close } = await db.connect();
  let columnTypes: readonly string[] | undefined;
  try {
    for await (const batch of batches) {
      const types = stagingTypes(schema, batch);
      if (columnTypes === undefined) {
        columnTypes = types;
        await connection.run(`create or replace table ${staging} (${declare(schema, types)})`);
      } else if (types.join() !== columnTypes.join()) {
        throw new FlowError(
          "SCHEMA_MISMATCH",
          `table ${table}: vector widths differ between batches`,
        );
      }
      const appender = await connection.createAppender(staging);
      const duckTypes = schema.columns.map((_, index) => appender.columnType(index));
      for (let start = 0; start < batch.numRows; start += chunkRows) {
        appender.appendDataChunk(toChunk(schema, duckTypes, batch.slice(start, start + chunkRows)));
      }
      appender.closeSync();
    }
    if (columnTypes === undefined) {
      const types = schema.columns.map((column) => column.type);
      await connection.run(`create or replace table ${staging} (${declare(schema, types)})`);
    }
    const select = columns.map(({ name, type }) => {
      const constant = constants[name];
      const value = constant === undefined ? quoteName(name) : quote(String(constant));
      return `cast(${value} as ${type}) as ${quoteName(name)}`;
    });
    await connection.run(
      `create or replace view ${target} as select ${select.join(", ")} from ${staging}`,
    );
  } finally {
    close();
  }
}

/** Drops what {@link stageBatches} loaded. */
export async function dropStaged(db: Database, target: string): Promise<void> {
  await db.run(`drop view ${target}`);
  await db.run(`drop table ${stagingName(target)}`);
}

function stagingName(target: string): string {
  return `${target}_staging`;
}

function declare(schema: TableSchema, types: readonly string[]): string {
  return schema.columns
    .map((column, index) => `${quoteName(column.name)} ${types[index] ?? column.type}`)
    .join(", ");
}

/** The schema's types, except FLOAT[d] for FLOAT[] when the batch has fixed-width vectors, and JSON for maps. */
function stagingTypes(schema: TableSchema, batch: RecordBatch): readonly string[] {
  return schema.columns.map((column) => {
    const type = columnOf(batch, column.name, schema.name).type as DataType;
    if (column.type.startsWith("MAP")) return "JSON";
    return DataType.isFixedSizeList(type)
      ? column.type.replace("[]", `[${type.listSize}]`)
      : column.type;
  });
}

function columnOf(batch: RecordBatch, name: string, table: string): Vector {
  const vector = batch.getChild(name);
  if (vector === null) {
    throw new FlowError("SCHEMA_MISMATCH", `table ${table}: the batch has no column ${name}`);
  }
  return vector;
}

function toChunk(
  schema: TableSchema,
  types: readonly DuckDBType[],
  batch: RecordBatch,
): DuckDBDataChunk {
  const chunk = duckdb.DuckDBDataChunk.create(types, batch.numRows);
  schema.columns.forEach((column, index) => {
    const source = columnOf(batch, column.name, schema.name);
    const target = chunk.getColumnVector(index);
    if (target instanceof duckdb.DuckDBArrayVector) copyVectors(source, target);
    else if (!copyNumbers(source, target, column.type)) copyValues(source, target, column.type);
    target.flush();
  });
  return chunk;
}

const numberTypes = new Set(["TINYINT", "SMALLINT", "INTEGER", "BIGINT", "FLOAT", "DOUBLE"]);

/** Copies a column of numbers in one block, if it has no nulls and both sides store numbers of the same kind. */
function copyNumbers(source: Vector, target: DuckDBVector, type: string): boolean {
  if (!numberTypes.has(type) || source.nullCount > 0) return false;
  const items: unknown = Reflect.get(target, "items");
  const values: unknown = source.toArray();
  if (!ArrayBuffer.isView(items) || !ArrayBuffer.isView(values)) return false;
  if (items.constructor !== values.constructor || items.byteLength !== values.byteLength) {
    return false;
  }
  bytesOf(items).set(bytesOf(values));
  return true;
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function copyValues(source: Vector, target: DuckDBVector, type: string): void {
  for (let row = 0; row < source.length; row++) {
    target.setItem(row, toDuckValue(source.get(row), type));
  }
}

/** Copies a FixedSizeList column's values, one block per chunk. */
function copyVectors(source: Vector, target: DuckDBArrayVector): void {
  const items: unknown = Reflect.get(childOf(target), "items");
  const values: unknown = source.getChildAt(0)?.toArray();
  if (!(items instanceof Float32Array) || !(values instanceof Float32Array)) {
    throw new Error("internal: expected vectors of 32-bit floats");
  }
  items.set(values.subarray(0, items.length));
}

function toDuckValue(value: unknown, type: string): DuckDBValue {
  if (value === null || value === undefined) return null;
  if (type === "TIMESTAMP") {
    // Arrow returns microsecond timestamps as fractional milliseconds.
    return new duckdb.DuckDBTimestampValue(BigInt(Math.round(Number(value) * 1000)));
  }
  if (type.endsWith("[]")) return new duckdb.DuckDBListValue([...(value as Iterable<DuckDBValue>)]);
  return value as DuckDBValue;
}

function childOf(target: DuckDBArrayVector): object {
  const child: unknown = Reflect.get(target, "childData");
  if (typeof child === "object" && child !== null) return child;
  throw new Error("internal: an array vector has no child");
}
