import { z } from "zod";
import { FlowError } from "../../base/errors.ts";
import type { TaskContext } from "../../flow/task.ts";
import type { Database } from "../../tables/database.ts";
import { readBatches } from "../../tables/read-batches.ts";
import { sqlFile } from "../../tables/sql-file.ts";
import { attributeMap, withoutNulls } from "./attribute-map.ts";
import type { Item } from "./contexts.ts";
import { cutItem } from "./cut-item.ts";
import type { KnowledgeSettings } from "../settings.ts";

const itemRow = z.object({
  item_id: z.int(),
  title: z.string(),
  year: z.int().nullable(),
  attributes: z.string().nullable(),
});

/** The catalogue as texts may use it. */
export interface LoadedItems {
  readonly items: ReadonlyMap<number, Item>;
  /** A line about items that were cut, for people; empty if there are none. */
  readonly notes: readonly string[];
}

type ItemSettings = Pick<KnowledgeSettings, "attributes" | "itemCharacters">;

/**
 * Reads the table `items` into a map, with the attributes that the texts may use, each item cut to `itemCharacters`.
 *
 * @param db - With `items` mounted
 * @throws FlowError `CONFIG_INVALID` when a named attribute occurs in no item
 */
export async function loadItems(
  db: Database,
  { attributes, itemCharacters }: ItemSettings,
): Promise<LoadedItems> {
  const items = new Map<number, Item>();
  const known = new Set<string>();
  let cutItems = 0;
  // One character more tells that there are more.
  const params = { most: itemCharacters + 1 };
  for await (const batch of readBatches(db, sqlFile("knowledge/items"), { params })) {
    for (const row of batch) {
      const { item_id, title, year, attributes: text } = itemRow.parse(row.toJSON());
      const all = Object.entries(attributeMap.parse(JSON.parse(text ?? "{}")));
      for (const [name] of all) known.add(name);
      const used = all.filter(([name]) => attributes === "all" || attributes.includes(name));
      const item = { itemId: item_id, title, year, attributes: withoutNulls(used) };
      const cut = cutItem(item, itemCharacters);
      if (cut !== item) cutItems += 1;
      items.set(item_id, cut);
    }
  }
  const unknown = attributes === "all" ? [] : attributes.filter((name) => !known.has(name));
  if (unknown.length > 0 && items.size > 0) {
    throw new FlowError(
      "CONFIG_INVALID",
      `knowledge.attributes names ${unknown.join(", ")}, which no item has; the items have: ${[...known].sort().join(", ") || "none"}.`,
    );
  }
  return { items, notes: cutItems === 0 ? [] : [cutNote(cutItems, itemCharacters)] };
}

function cutNote(items: number, characters: number): string {
  const [who, them] =
    items === 1 ? ["1 item has", "it"] : [`${items.toLocaleString("en")} items have`, "them"];
  const most = characters.toLocaleString("en");
  return (
    `${who} more than ${most} characters of title and attribute values: ` +
    `prompts and texts hold the first ${most} of ${them} (knowledge.itemCharacters)`
  );
}

/** The table `items`, read once per worker: every task needs all of it. Tells of items that were cut. */
export async function sharedItems(
  db: Database,
  settings: ItemSettings,
  { shared, progress }: Pick<TaskContext, "shared" | "progress">,
): Promise<ReadonlyMap<number, Item>> {
  const { items, notes } = await shared("items", async () => ({
    ...(await loadItems(db, settings)),
    close: () => Promise.resolve(),
  }));
  if (notes.length > 0) progress({ rowsDone: 0, notes });
  return items;
}
