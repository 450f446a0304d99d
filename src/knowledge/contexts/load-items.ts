import { z } from "zod";
import { FlowError } from "../../base/errors.ts";
import type { TaskContext } from "../../flow/task.ts";
import type { Database } from "../../tables/database.ts";
import { readBatches } from "../../tables/read-batches.ts";
import { sqlFile } from "../../tables/sql-file.ts";
import type { Item } from "./contexts.ts";
import type { KnowledgeSettings } from "../settings.ts";

const itemRow = z.object({
  item_id: z.int(),
  title: z.string(),
  year: z.int().nullable(),
  attributes: z.string().nullable(),
});
const attributeMap = z.record(z.string(), z.array(z.string().nullable()).nullable());

/**
 * Reads the table `items` into a map, with the attributes that the texts may use.
 *
 * @param db - With `items` mounted
 * @throws FlowError `CONFIG_INVALID` when a named attribute occurs in no item
 */
export async function loadItems(
  db: Database,
  attributes: KnowledgeSettings["attributes"],
): Promise<ReadonlyMap<number, Item>> {
  const items = new Map<number, Item>();
  const known = new Set<string>();
  for await (const batch of readBatches(db, sqlFile("knowledge/items"))) {
    for (const row of batch) {
      const { item_id, title, year, attributes: text } = itemRow.parse(row.toJSON());
      const all = Object.entries(attributeMap.parse(JSON.parse(text ?? "{}")));
      for (const [name] of all) known.add(name);
      const used = all.filter(([name]) => attributes === "all" || attributes.includes(name));
      items.set(item_id, { itemId: item_id, title, year, attributes: withoutNulls(used) });
    }
  }
  const unknown = attributes === "all" ? [] : attributes.filter((name) => !known.has(name));
  if (unknown.length > 0 && items.size > 0) {
    throw new FlowError(
      "CONFIG_INVALID",
      `knowledge.attributes names ${unknown.join(", ")}, which no item has; the items have: ${[...known].sort().join(", ") || "none"}.`,
    );
  }
  return items;
}

/** The table `items`, read once per worker: every task needs all of it. */
export function sharedItems(
  db: Database,
  { attributes }: Pick<KnowledgeSettings, "attributes">,
  { shared }: Pick<TaskContext, "shared">,
): Promise<{ readonly items: ReadonlyMap<number, Item>; close(): Promise<void> }> {
  return shared("items", async () => ({
    items: await loadItems(db, attributes),
    close: () => Promise.resolve(),
  }));
}

function withoutNulls(
  attributes: readonly (readonly [string, readonly (string | null)[] | null])[],
): Item["attributes"] {
  return Object.fromEntries(
    attributes.map(([name, values]) => [name, (values ?? []).filter((value) => value !== null)]),
  );
}
