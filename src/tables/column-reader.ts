import {
  Bool,
  BufferType,
  Data,
  Field,
  Float32,
  Float64,
  Int16,
  Int32,
  Int64,
  Int8,
  List,
  TimestampMicrosecond,
  Utf8,
  makeData,
  vectorFromArray,
  type DataType,
} from "apache-arrow";
import type { DuckDBListVector, DuckDBType, DuckDBTypeId, DuckDBVector } from "@duckdb/node-api";
import { FlowError } from "../base/errors.ts";
import { duckdb } from "./duckdb.ts";

type NumericArray =
  Int8Array | Int16Array | Int32Array | BigInt64Array | Float32Array | Float64Array;

/** Collects one column from DuckDB chunks as Arrow data. */
interface ColumnReader {
  readonly type: DataType;
  /** Copies `rows` values out of the chunk, whose memory is freed with it. */
  readonly append: (vector: DuckDBVector, rows: number) => void;
  /** The values appended since the last `take`. */
  readonly take: () => Data;
}

const numericTypes = new Map<
  DuckDBTypeId,
  { type: DataType; make: (length: number) => NumericArray }
>([
  [duckdb.DuckDBTypeId.TINYINT, { type: new Int8(), make: (n) => new Int8Array(n) }],
  [duckdb.DuckDBTypeId.SMALLINT, { type: new Int16(), make: (n) => new Int16Array(n) }],
  [duckdb.DuckDBTypeId.INTEGER, { type: new Int32(), make: (n) => new Int32Array(n) }],
  [duckdb.DuckDBTypeId.BIGINT, { type: new Int64(), make: (n) => new BigInt64Array(n) }],
  [duckdb.DuckDBTypeId.FLOAT, { type: new Float32(), make: (n) => new Float32Array(n) }],
  [duckdb.DuckDBTypeId.DOUBLE, { type: new Float64(), make: (n) => new Float64Array(n) }],
  [
    duckdb.DuckDBTypeId.TIMESTAMP,
    { type: new TimestampMicrosecond(), make: (n) => new BigInt64Array(n) },
  ],
]);

/** The reader for a DuckDB type. `name` is the column's name, for the error. */
export function columnReader(type: DuckDBType, name: string): ColumnReader {
  if (numericTypes.has(type.typeId)) return numericReader(type.typeId);
  if (type.typeId === duckdb.DuckDBTypeId.VARCHAR) return plainReader(new Utf8());
  if (type.typeId === duckdb.DuckDBTypeId.BOOLEAN) return plainReader(new Bool());
  if (type instanceof duckdb.DuckDBListType && numericTypes.has(type.valueType.typeId)) {
    return listReader(type.valueType.typeId);
  }
  throw new FlowError(
    "SCHEMA_MISMATCH",
    `column ${name}: ${String(type)} cannot be streamed as Arrow; cast it in the query`,
  );
}

function numericReader(typeId: DuckDBTypeId): ColumnReader {
  const { type, make } = numericOf(typeId);
  let chunks: NumericArray[] = [];
  let nulls = nullRecorder();
  return {
    type,
    append: (vector, rows) => {
      chunks.push(itemsOf(vector).slice(0, rows));
      nulls.append(vector, rows);
    },
    take: () => {
      const data = concat(chunks, make);
      const validity = nulls.take();
      chunks = [];
      nulls = nullRecorder();
      return numericData(type, data, validity);
    },
  };
}

function listReader(valueId: DuckDBTypeId): ColumnReader {
  const { type: valueType, make } = numericOf(valueId);
  const type = new List(new Field("item", valueType, true));
  let chunks: NumericArray[] = [];
  let lengths: number[] = [];
  let nulls = nullRecorder();
  return {
    type,
    append: (vector, rows) => {
      if (!(vector instanceof duckdb.DuckDBListVector))
        throw new Error("internal: expected a list vector");
      const items = itemsOf(vector.childVector);
      const entries = listEntries(vector, rows);
      let [runStart, runEnd] = [0, 0];
      for (let row = 0; row < rows; row++) {
        const length = isValid(vector, row) ? (entries[row * 4 + 2] ?? 0) : 0;
        lengths.push(length);
        if (length === 0) continue;
        const start = entries[row * 4] ?? 0;
        if (start !== runEnd) {
          if (runEnd > runStart) chunks.push(items.slice(runStart, runEnd));
          runStart = start;
        }
        runEnd = start + length;
      }
      if (runEnd > runStart) chunks.push(items.slice(runStart, runEnd));
      nulls.append(vector, rows);
    },
    take: () => {
      const data = concat(chunks, make);
      const valueOffsets = new Int32Array(lengths.length + 1);
      lengths.forEach((length, row) => {
        valueOffsets[row + 1] = (valueOffsets[row] ?? 0) + length;
      });
      const child = numericData(valueType, data, { nullCount: 0 });
      const validity = nulls.take();
      const length = lengths.length;
      chunks = [];
      lengths = [];
      nulls = nullRecorder();
      return makeData({ type, length, ...validity, valueOffsets, child });
    },
  };
}

function plainReader(type: Utf8 | Bool): ColumnReader {
  let values: unknown[] = [];
  return {
    type,
    append: (vector, rows) => {
      for (let row = 0; row < rows; row++) values.push(vector.getItem(row));
    },
    take: () => {
      const [data] = vectorFromArray(values, type).data;
      values = [];
      if (data === undefined) throw new Error("internal: empty Arrow vector");
      return data;
    },
  };
}

/** Arrow's validity bitmap (1 = present), built only if there is a null. */
function nullRecorder(): {
  append: (vector: DuckDBVector, rows: number) => void;
  take: () => { nullCount: number; nullBitmap?: Uint8Array };
} {
  let rowsSeen = 0;
  const nullRows: number[] = [];
  return {
    append: (vector, rows) => {
      if (hasNulls(vector)) {
        for (let row = 0; row < rows; row++) {
          if (!isValid(vector, row)) nullRows.push(rowsSeen + row);
        }
      }
      rowsSeen += rows;
    },
    take: () => {
      if (nullRows.length === 0) return { nullCount: 0 };
      const nullBitmap = new Uint8Array(Math.ceil(rowsSeen / 8)).fill(255);
      for (const row of nullRows)
        nullBitmap[row >> 3] = (nullBitmap[row >> 3] ?? 0) & ~(1 << (row & 7));
      return { nullCount: nullRows.length, nullBitmap };
    },
  };
}

function numericOf(typeId: DuckDBTypeId): {
  type: DataType;
  make: (length: number) => NumericArray;
} {
  const found = numericTypes.get(typeId);
  if (found === undefined)
    throw new Error(`internal: ${duckdb.DuckDBTypeId[typeId]} is not numeric`);
  return found;
}

function concat(
  chunks: readonly NumericArray[],
  make: (length: number) => NumericArray,
): NumericArray {
  const all = make(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    // The chunks and `all` come from the same numericTypes entry; the union hides that from the compiler.
    (all as { set(source: NumericArray, offset: number): void }).set(chunk, offset);
    offset += chunk.length;
  }
  return all;
}

function numericData(
  type: DataType,
  values: NumericArray,
  validity: { nullCount: number; nullBitmap?: Uint8Array },
): Data {
  const { nullCount, nullBitmap } = validity;
  return new Data(type, 0, values.length, nullCount, {
    [BufferType.DATA]: values,
    ...(nullBitmap && { [BufferType.VALIDITY]: nullBitmap }),
  });
}

/** Offset and length of each row's list: 64-bit words read as pairs of 32 bits, since no chunk holds 2^32 values. */
function listEntries(vector: DuckDBListVector, rows: number): Uint32Array {
  const words: unknown = Reflect.get(vector, "entryData");
  if (!(words instanceof BigUint64Array)) throw new Error("internal: a list vector has no entries");
  return new Uint32Array(words.buffer, words.byteOffset, rows * 4);
}

function itemsOf(vector: DuckDBVector): NumericArray {
  const items: unknown = Reflect.get(vector, "items");
  if (ArrayBuffer.isView(items) && !(items instanceof DataView)) return items as NumericArray;
  throw new Error(`internal: a ${vector.constructor.name} has no typed items`);
}

function validityOf(vector: DuckDBVector): { data: unknown; itemValid(row: number): boolean } {
  return Reflect.get(vector, "validity") as { data: unknown; itemValid(row: number): boolean };
}

function hasNulls(vector: DuckDBVector): boolean {
  return validityOf(vector).data !== null;
}

function isValid(vector: DuckDBVector, row: number): boolean {
  return !hasNulls(vector) || validityOf(vector).itemValid(row);
}
