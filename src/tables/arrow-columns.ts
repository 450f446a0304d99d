/** @file Typed views of the columns of a record batch, without copying. */
import type { Data, RecordBatch } from "apache-arrow";

/** A list column: row `r` holds `values[offsets[r]]` up to but excluding `values[offsets[r + 1]]`. */
export interface ListColumn<Values> {
  /** Shape `[rows + 1]`. */
  readonly offsets: Int32Array;
  readonly values: Values;
}

/** An INTEGER column; shape `[rows]`. */
export function int32Column(batch: RecordBatch, name: string): Int32Array {
  return asInt32(dataOf(batch, name).values, name);
}

/** A TINYINT column; shape `[rows]`. */
export function int8Column(batch: RecordBatch, name: string): Int8Array {
  const values: unknown = dataOf(batch, name).values;
  if (values instanceof Int8Array) return values;
  throw new Error(`internal: column ${name} is not a TINYINT`);
}

/** A FLOAT column; shape `[rows]`. */
export function float32Column(batch: RecordBatch, name: string): Float32Array {
  return asFloat32(dataOf(batch, name).values, name);
}

/** A DOUBLE column; shape `[rows]`. */
export function float64Column(batch: RecordBatch, name: string): Float64Array {
  const values: unknown = dataOf(batch, name).values;
  if (values instanceof Float64Array) return values;
  throw new Error(`internal: column ${name} does not hold 64-bit floats`);
}

/** An INTEGER[] column. */
export function int32ListColumn(batch: RecordBatch, name: string): ListColumn<Int32Array> {
  const { offsets, values } = listOf(batch, name);
  return { offsets, values: asInt32(values, name) };
}

/** A FLOAT[] column. */
export function float32ListColumn(batch: RecordBatch, name: string): ListColumn<Float32Array> {
  const { offsets, values } = listOf(batch, name);
  return { offsets, values: asFloat32(values, name) };
}

function listOf(batch: RecordBatch, name: string): ListColumn<unknown> {
  const data = dataOf(batch, name);
  const offsets: unknown = data.valueOffsets;
  const child = data.children[0];
  return { offsets: asInt32(offsets, name), values: child?.values };
}

function asInt32(values: unknown, name: string): Int32Array {
  if (values instanceof Int32Array) return values;
  throw new Error(`internal: column ${name} does not hold 32-bit integers`);
}

function asFloat32(values: unknown, name: string): Float32Array {
  if (values instanceof Float32Array) return values;
  throw new Error(`internal: column ${name} does not hold 32-bit floats`);
}

/** The batch's only chunk of the column, which arrow types as `any`. */
function dataOf(batch: RecordBatch, name: string): Data {
  const data = batch.getChild(name)?.data[0] as Data | undefined;
  if (data === undefined) throw new Error(`internal: the query has no column ${name}`);
  return data;
}
