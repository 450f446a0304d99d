import {
  Field,
  FixedSizeList,
  Float32,
  Int32,
  RecordBatch,
  Schema,
  Struct,
  Utf8,
  makeData,
  vectorFromArray,
  type Data,
  type DataType,
} from "apache-arrow";
import type { Encoder } from "../model/encoder.ts";
import type { SubjectVectors } from "./mean-by-subject.ts";
import type { EncodeParams } from "../settings.ts";

/** Origin of a user's vector: the user's own texts, or the items the user liked. */
export type VectorOrigin = "text" | "liked items";

/** The encoder of the vectors; `hash` is null when unknown. */
type VectorMaker = Pick<Encoder, "name" | "dimension"> & { readonly hash: string | null };

/** Rows of `user_embeddings` or `item_embeddings` as an Arrow batch. The vectors are not copied. */
export function embeddingBatch(
  { subject, variant }: EncodeParams,
  encoder: VectorMaker,
  subjects: SubjectVectors,
  origin: VectorOrigin = "text",
): RecordBatch {
  const { length } = subjects.ids;
  return batchOf(length, [
    ["variant", repeated(variant, length)],
    ...vectorColumns(`${subject}_id`, encoder, subjects),
    ["texts", int32(subjects.texts)],
    ...(subject === "user" ? [["origin", repeated(origin, length)] as const] : []),
  ]);
}

/** Rows of `vectors` as an Arrow batch. The vectors are not copied. */
export function vectorBatch(encoder: VectorMaker, subjects: SubjectVectors): RecordBatch {
  return batchOf(subjects.ids.length, vectorColumns("id", encoder, subjects));
}

type NamedColumn = readonly [name: string, data: Data];

/** The columns that both tables share. */
function vectorColumns(
  id: string,
  encoder: VectorMaker,
  { ids, vectors, tokens, chunks, truncated }: SubjectVectors,
): readonly NamedColumn[] {
  const { length } = ids;
  return [
    [id, int32(Int32Array.from(ids))],
    ["encoder", repeated(encoder.name, length)],
    ["encoder_hash", repeated(encoder.hash, length)],
    ["vector", fixedSizeLists(vectors, encoder.dimension)],
    ["tokens", tokens === null ? noInt32(length) : int32(tokens)],
    ["truncated", truncated === null ? noInt32(length) : int32(truncated)],
    ["chunks", chunks === null ? noInt32(length) : int32(chunks)],
  ];
}

function batchOf(length: number, columns: readonly NamedColumn[]): RecordBatch {
  const fields = columns.map(([name, { type }]) => new Field<DataType>(name, type, true));
  const children = columns.map(([, data]) => data);
  return new RecordBatch(
    new Schema(fields),
    makeData({ type: new Struct(fields), length, nullCount: 0, children }),
  );
}

/** A column of vectors of one width, from consecutive numbers. */
function fixedSizeLists(data: Float32Array, width: number): Data {
  const type = new FixedSizeList(width, new Field("item", new Float32(), false));
  const child = makeData({ type: new Float32(), length: data.length, data });
  return makeData({ type, length: data.length / width, child });
}

function int32(data: Int32Array): Data<Int32> {
  return makeData({ type: new Int32(), length: data.length, data });
}

function noInt32(length: number): Data<Int32> {
  const nullBitmap = new Uint8Array(Math.ceil(length / 8));
  const data = new Int32Array(length);
  return makeData({ type: new Int32(), length, nullCount: length, nullBitmap, data });
}

function repeated(text: string | null, length: number): Data<Utf8> {
  const [data] = vectorFromArray(Array<string | null>(length).fill(text), new Utf8()).data;
  return data ?? makeData({ type: new Utf8() });
}
