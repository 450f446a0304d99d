import { FlowError } from "../../base/errors.ts";
import { unlimitedMemory, type MemoryNeed } from "../../base/memory-budget.ts";
import type { Database } from "../../tables/database.ts";
import { slotsOf } from "../engine/model-inputs.ts";
import { attributeLimit, type TrainTaskSettings } from "../settings.ts";
import {
  loadAttributeValues,
  unknownAttributeError,
  type AttributeValue,
  type LoadedValues,
} from "./attribute-values.ts";
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

/** Item features, and what they lack. */
export interface LoadedItemFeatures extends ItemFeatures {
  /** Attributes of which some items have more values than `train.maxAttributeValues`. */
  readonly cut: readonly CutAttribute[];
}

/** An attribute of which not all values count, although all were asked for. */
export interface CutAttribute extends Pick<LoadedValues, "leftOut" | "cutSubjects" | "most"> {
  readonly name: string;
}

export interface ItemFeatureOptions extends Pick<
  TrainTaskSettings,
  "attributeValues" | "maxAttributeValues"
> {
  /** Attribute names; may be empty. */
  readonly attributes: readonly string[];
}

/**
 * Numbers items and attribute values. Values are numbered attribute by attribute, in the order of their texts, so that equal texts of
 * two attributes stay distinct.
 *
 * @throws `INPUT_INVALID` for an empty catalogue, `CONFIG_INVALID` for an attribute that no item has
 */
export async function loadItemFeatures(
  db: Database,
  options: ItemFeatureOptions,
  budget = unlimitedMemory,
): Promise<LoadedItemFeatures> {
  const index = createDenseIndex(await loadIds(db, "train/item_ids", "item_id"));
  if (index.size === 0) {
    throw new FlowError("INPUT_INVALID", "items: the table is empty, so there is nothing to train on");
  }
  const limit = attributeLimit(options);
  const columns: (readonly AttributeValue[])[] = [];
  const cut: CutAttribute[] = [];
  for (const name of options.attributes) {
    const { values, ...figures } = await loadAttributeValues(db, "item", name, limit);
    if (values.length === 0) throw await unknownAttributeError(db, "item", name, "train.attributes");
    columns.push(values);
    if (options.attributeValues === "all" && figures.leftOut > 0) cut.push({ name, ...figures });
  }
  // The models need at least one attribute: without any, add one that no item has.
  const attributeSlots =
    columns.length === 0 ? [1] : columns.map((values) => highest(values.map(({ slot }) => slot)));
  const width = slotsOf({ attributeSlots });
  budget.take(attributesNeed(index.size, attributeSlots));
  const attributes = new Int32Array((index.size + 1) * width);
  let [valuesBefore, slotsBefore] = [0, 0];
  columns.forEach((values, place) => {
    for (const { id, slot, rank } of values) {
      attributes[index.get(id) * width + slotsBefore + slot - 1] = valuesBefore + rank;
    }
    valuesBefore += highest(values.map(({ rank }) => rank));
    slotsBefore += attributeSlots[place] ?? 0;
  });
  return { index, attributeSlots, attributeValues: valuesBefore, attributes, cut };
}

/** The memory that the attribute values of this many items need. */
export function attributesNeed(items: number, attributeSlots: readonly number[]): MemoryNeed {
  const width = slotsOf({ attributeSlots });
  const bytesPerSlot = 4 * (items + 1);
  return {
    what: "the items' attributes",
    bytes: bytesPerSlot * width,
    cure: (free) => {
      const most = Math.floor(free / bytesPerSlot / attributeSlots.length);
      return most >= 1 && width > attributeSlots.length ? `train.maxAttributeValues: ${most}` : null;
    },
  };
}

/** What to say of values that do not count: a line per attribute. */
export function cutNotes(
  cut: readonly CutAttribute[],
  settings: Pick<TrainTaskSettings, "attributeValues" | "maxAttributeValues">,
): readonly string[] {
  const limit = attributeLimit(settings).toLocaleString("en");
  const count = (n: number, what: string): string =>
    `${n.toLocaleString("en")} ${what}${n === 1 ? "" : "s"}`;
  return cut.map(
    ({ name, leftOut, cutSubjects, most }) =>
      `${count(leftOut, "value")} of ${name} left out: train.maxAttributeValues takes the first ${limit} of an item, ` +
      `and ${count(cutSubjects, "item")} had more, up to ${most.toLocaleString("en")}`,
  );
}

function highest(numbers: readonly number[]): number {
  return numbers.reduce((most, number) => Math.max(most, number), 0);
}
