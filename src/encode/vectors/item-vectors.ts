import { Vector } from "apache-arrow";
import { z } from "zod";
import { FlowError } from "../../base/errors.ts";
import type { Database } from "../../tables/database.ts";
import { readBatches } from "../../tables/read-batches.ts";
import { sqlFile } from "../../tables/sql-file.ts";

/** The knowledge vectors of all items, in memory. */
export interface ItemVectors {
  /** Name of their encoder. */
  readonly encoder: string;
  /** Identity of their encoder; null for imported vectors without one. */
  readonly encoderHash: string | null;
  /** Vector dimension. */
  readonly dimension: number;
  /** The vector of an item, `[dimension]`; undefined when it has none. */
  readonly get: (itemId: number) => Float32Array | undefined;
}

const widths = z.array(
  z.object({
    encoder: z.string(),
    encoder_hash: z.string().nullable(),
    width: z.int(),
    vectors: z.int(),
  }),
);

/** Small batches: a row may be thousands of numbers wide. */
const batchRows = 2048;

/**
 * Reads the view `item_embeddings`.
 *
 * @throws FlowError `INPUT_INVALID` when there is no vector, or vectors of several encoders or widths
 */
export async function loadItemVectors(db: Database): Promise<ItemVectors> {
  const kinds = widths.parse(await db.rows(sqlFile("encode/item_vector_widths")));
  const [kind] = kinds;
  if (kind === undefined) {
    throw new FlowError(
      "INPUT_INVALID",
      "item_embeddings: there are no vectors to make users' vectors of; run the stages knowledge and encode first",
    );
  }
  if (kinds.length > 1) {
    const all = kinds
      .map(
        ({ encoder, encoder_hash: hash, width }) =>
          `${encoder}${hash === null ? "" : ` ${hash}`} (${width} numbers)`,
      )
      .join(", ");
    throw new FlowError(
      "INPUT_INVALID",
      `item_embeddings: vectors by several encoders: ${all}; encode all items with one`,
    );
  }
  const { encoder, encoder_hash: encoderHash, width: dimension, vectors } = kind;
  const values = new Float32Array(vectors * dimension);
  const places = new Map<number, number>();
  for await (const batch of readBatches(db, sqlFile("encode/item_vectors"), { batchRows })) {
    const [ids, rows] = [batch.getChild("item_id"), batch.getChild("vector")];
    for (let row = 0; row < batch.numRows; row++) {
      const id: unknown = ids?.get(row);
      const vector: unknown = rows?.get(row);
      const numbers: unknown = vector instanceof Vector ? vector.toArray() : null;
      if (typeof id !== "number" || !(numbers instanceof Float32Array)) {
        throw new FlowError("SCHEMA_MISMATCH", "encode: expected integer item ids and vectors");
      }
      values.set(numbers, places.size * dimension);
      places.set(id, places.size);
    }
  }
  const get = (itemId: number): Float32Array | undefined => {
    const place = places.get(itemId);
    return place === undefined
      ? undefined
      : values.subarray(place * dimension, (place + 1) * dimension);
  };
  return { encoder, encoderHash, dimension, get };
}
