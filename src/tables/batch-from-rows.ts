import {
  Bool,
  Field,
  Float32,
  Float64,
  Int16,
  Int32,
  Int64,
  Int8,
  List,
  RecordBatch,
  Schema,
  Struct,
  TimestampMicrosecond,
  Utf8,
  makeData,
  vectorFromArray,
  type DataType,
} from "apache-arrow";
import { requiredSchemaOf } from "./check-schema.ts";
import type { Row } from "./database.ts";

/**
 * An Arrow record batch with a table's schema, without its optional columns, from row objects.
 *
 * Columns are taken by name; missing or `undefined` means null. Lists come as arrays or typed arrays, timestamps as `Date`,
 * maps as plain objects (sent as JSON text, which `writeBatches` turns into maps).
 */
export function batchFromRows(table: string, rows: readonly Row[]): RecordBatch {
  const { columns } = requiredSchemaOf(table);
  const fields = columns.map((column) => new Field(column.name, arrowType(column.type), true));
  const children = columns.map((column, index) => {
    const type = fields[index]?.type ?? new Utf8();
    const values = rows.map((row) => toArrowValue(row[column.name], column.type));
    const [data] = vectorFromArray(values, type).data;
    return data ?? makeData({ type });
  });
  const schema = new Schema(fields);
  const struct = makeData({
    type: new Struct(fields),
    length: rows.length,
    nullCount: 0,
    children,
  });
  return new RecordBatch(schema, struct);
}

const scalars: Readonly<Record<string, () => DataType>> = {
  TINYINT: () => new Int8(),
  SMALLINT: () => new Int16(),
  INTEGER: () => new Int32(),
  BIGINT: () => new Int64(),
  FLOAT: () => new Float32(),
  DOUBLE: () => new Float64(),
  BOOLEAN: () => new Bool(),
  VARCHAR: () => new Utf8(),
  TIMESTAMP: () => new TimestampMicrosecond(),
};

function arrowType(duckType: string): DataType {
  if (duckType.startsWith("MAP")) return new Utf8();
  if (duckType.endsWith("[]"))
    return new List(new Field("item", arrowType(duckType.slice(0, -2)), true));
  const make = scalars[duckType];
  if (make === undefined) throw new Error(`internal: no Arrow type for ${duckType}`);
  return make();
}

function toArrowValue(value: unknown, duckType: string): unknown {
  if (value === undefined || value === null) return null;
  if (duckType === "BIGINT" && typeof value === "number") return BigInt(value);
  if (duckType.startsWith("MAP")) return JSON.stringify(value);
  return value;
}
