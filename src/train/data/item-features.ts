import { FlowError } from "../../base/errors.ts";
import type { Database } from "../../tables/database.ts";
import { loadAttributeValues, unknownAttributeError } from "./attribute-values.ts";
import { createDenseIndex, type DenseIndex } from "./dense-index.ts";
import { loadIds } from "./load-ids.ts";

/** The catalogue as a model sees it. `A` = attributes per item. */
export interface ItemFeatures {
  /** Index of all item ids, in ascending order. */
  readonly index: DenseIndex;
  /** Places for values of each of the `A` attributes: the most that any item has. `S` is their sum. */
  readonly attributeSlots: readonly number[];
  /** Distinct (attribute, value) pairs. */
  readonly attributeValues: number;
  /**
   * Dense (attribute, value) pairs per dense item, attribute by attribute, each padded with 0; row 0 is padding. Shape
   * `[items + 1, S]`.
   */
  readonly attributes: Int32Array;
}

export interface ItemFeatureOptions {
  /** Attribute names; may be empty. */
  readonly attributes: readonly string[];
  /** Whether all of an item's values of an attribute count, or only the first. */
  readonly attributeValues: "all" | "first";
}

/**
 * Numbers items and attribute values. Values are numbered attribute by attribute, in the order of their texts, so that equal texts of
 * two attributes stay distinct.
 *
 * @throws `INPUT_INVALID` for an empty catalogue, `CONFIG_INVALID` for an attribute that no item has
 */
export async function loadItemFeatures(
  db: Database,
  { attributes: names, attributeValues: whichValues }: ItemFeatureOptions,
): Promise<ItemFeatures> {
  const index = createDenseIndex(await loadIds(db, "train/item_ids", "item_id"));
  if (index.size === 0) {
    throw new FlowError("INPUT_INVALID", "items: the table is empty, so there is nothing to train on");
  }
  const limit = whichValues === "first" ? 1 : null;
  const columns = [];
  for (const name of names) {
    const values = await loadAttributeValues(db, "item", name, limit);
    if (values.length === 0) throw await unknownAttributeError(db, "item", name, "train.attributes");
    columns.push(values);
  }
  // The models need at least one attribute: without any, add one that no item has.
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
