import { FlowError } from "../../base/errors.ts";
import type { Database } from "../../tables/database.ts";
import { loadAttributeValues, unknownAttribute } from "./attribute-values.ts";
import { createDenseIndex, type DenseIndex } from "./dense-index.ts";
import { loadIds } from "./load-ids.ts";

/** The catalogue as a model sees it. `A` = attributes an item. */
export interface ItemFeatures {
  /** Of item ids, in ascending order over the whole catalogue. */
  readonly index: DenseIndex;
  /** Places for values of each of the `A` attributes: as many as any item has; `S` is their sum. */
  readonly attributeSlots: readonly number[];
  /** Distinct (attribute, value) pairs. */
  readonly attributeValues: number;
  /**
   * Dense (attribute, value)s of each dense item, attribute by attribute, each filled up with 0; row 0 is padding. Shape
   * `[items + 1, S]`.
   */
  readonly attributes: Int32Array;
}

export interface ItemFeatureOptions {
  /** Names, at least one. */
  readonly attributes: readonly string[];
  /** Whether all values that an item has of an attribute count, or the first. */
  readonly attributeValues: "all" | "first";
}

/**
 * Numbers the items and the values of their attributes. Values are numbered attribute by attribute, in the order of their texts, so
 * that equal texts of two attributes stay apart.
 *
 * @throws `INPUT_INVALID` for an empty catalogue, `CONFIG_INVALID` for an attribute that no item has
 */
export async function loadItemFeatures(
  db: Database,
  { attributes: names, attributeValues: whichValues }: ItemFeatureOptions,
): Promise<ItemFeatures> {
  const index = createDenseIndex(await loadIds(db, "train/item_ids", "item_id"));
  if (index.size === 0) {
    throw new FlowError("INPUT_INVALID", "items: the table is empty, there is nothing to train on");
  }
  const limit = whichValues === "first" ? 1 : null;
  const columns = [];
  for (const name of names) {
    const values = await loadAttributeValues(db, "item", name, limit);
    if (values.length === 0) throw await unknownAttribute(db, "item", name, "train.attributes");
    columns.push(values);
  }
  // Without attributes, one that no item has: the models have a place for it.
  const attributeSlots =
    columns.length === 0 ? [1] : columns.map((values) => highest(values.map(({ slot }) => slot)));
  const width = attributeSlots.reduce((sum, slots) => sum + slots, 0);
  const attributes = new Int32Array((index.size + 1) * width);
  let [valuesBefore, slotsBefore] = [0, 0];
  columns.forEach((values, place) => {
    for (const { id, slot, rank } of values) {
      attributes[index.get(id) * width + slotsBefore + slot - 1] = valuesBefore + rank;
    }
    valuesBefore += highest(values.map(({ rank }) => rank));
    slotsBefore += attributeSlots[place] ?? 0;
  });
  return { index, attributeSlots, attributeValues: valuesBefore, attributes };
}

function highest(numbers: readonly number[]): number {
  return numbers.reduce((most, number) => Math.max(most, number), 0);
}
