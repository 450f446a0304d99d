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
} from "apache-arrow";
import type { EncodedTexts, Encoder } from "./encoder.ts";

/**
 * Rows of `user_embeddings` or `item_embeddings` as an Arrow batch. The vectors are not copied.
 *
 * @param ids - of the subjects, in the order of `encoded`
 */
export function embeddingBatch(
  subject: "user" | "item",
  encoder: Pick<Encoder, "name" | "dimension">,
  ids: readonly number[],
  { vectors, tokens, chunks }: EncodedTexts,
): RecordBatch {
  const length = ids.length;
  const vectorType = new FixedSizeList(encoder.dimension, new Field("item", new Float32(), false));
  const fields = [
    new Field(`${subject}_id`, new Int32(), false),
    new Field("encoder", new Utf8(), false),
    new Field("vector", vectorType, false),
    new Field("tokens", new Int32(), false),
    new Field("chunks", new Int32(), false),
  ];
  const int32 = (data: Int32Array) => makeData({ type: new Int32(), length, data });
  const names = vectorFromArray(Array<string>(length).fill(encoder.name), new Utf8()).data;
  const children = [
    int32(Int32Array.from(ids)),
    ...names,
    makeData({
      type: vectorType,
      length,
      child: makeData({ type: new Float32(), length: vectors.length, data: vectors }),
    }),
    int32(tokens),
    int32(chunks),
  ];
  return new RecordBatch(
    new Schema(fields),
    makeData({ type: new Struct(fields), length, nullCount: 0, children }),
  );
}
