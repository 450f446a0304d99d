import { FlowError } from "../errors.ts";
import type { Database } from "../tables/database.ts";
import { readBatches } from "../tables/read-batches.ts";
import { sqlFile } from "../tables/sql-file.ts";
import { int32Column } from "./arrow-columns.ts";
import { createDenseIndex, type DenseIndex } from "./dense-index.ts";

/** The catalogue as a model sees it. `A` = attributes an item. */
export interface ItemFeatures {
  /** Of item ids, in ascending order over the whole catalogue. */
  readonly index: DenseIndex;
  /** Places for values of each of the `A` attributes; `S` is their sum. */
  readonly attributeSlots: readonly number[];
  /** Distinct (attribute, value) pairs. */
  readonly attributeValues: number;
  /** Dense (attribute, value) of each dense item, 0 = the item has none; row 0 is padding. Shape `[items + 1, S]`. */
  readonly attributes: Int32Array;
}

/**
 * Numbers the items and the first value of each of their attributes. Values are numbered attribute by attribute, in the order
 * of their texts, so that equal texts of two attributes stay apart.
 *
 * @param attributes - Names, at least one
 * @throws `INPUT_INVALID` for an empty catalogue, `CONFIG_INVALID` for an attribute that no item has
 */
export async function loadItemFeatures(
  db: Database,
  attributes: readonly string[],
): Promise<ItemFeatures> {
  const index = createDenseIndex(await loadIds(db, "train/item_ids", "item_id"));
  if (index.size === 0) {
    throw new FlowError("INPUT_INVALID", "items: the table is empty, there is nothing to train on");
  }
  const width = attributes.length;
  const values = new Int32Array((index.size + 1) * width);
  let attributeValues = 0;
  for (const [place, name] of attributes.entries()) {
    const before = attributeValues;
    const sql = sqlFile("train/item_attribute");
    for await (const batch of readBatches(db, sql, { params: { name } })) {
      const ranks = int32Column(batch, "value_rank");
      for (const [row, id] of int32Column(batch, "item_id").entries()) {
        const value = before + (ranks[row] ?? 0);
        values[index.get(id) * width + place] = value;
        attributeValues = Math.max(attributeValues, value);
      }
    }
    if (attributeValues === before) throw await unknownAttribute(db, name);
  }
  return { index, attributeSlots: attributes.map(() => 1), attributeValues, attributes: values };
}

/** One INTEGER column of a query, whole. */
export async function loadIds(db: Database, query: string, column: string): Promise<Int32Array> {
  const pieces: Int32Array[] = [];
  for await (const batch of readBatches(db, sqlFile(query))) {
    pieces.push(int32Column(batch, column));
  }
  const ids = new Int32Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    ids.set(piece, offset);
    offset += piece.length;
  }
  return ids;
}

async function unknownAttribute(db: Database, name: string): Promise<FlowError> {
  const rows = await db.rows(sqlFile("train/attribute_names"));
  const known = rows.map((row) => String(row["name"])).join(", ");
  return new FlowError(
    "CONFIG_INVALID",
    `train.attributes: no item has an attribute "${name}"; ` +
      (known === "" ? "the items have no attributes at all" : `the items have ${known}`),
  );
}
