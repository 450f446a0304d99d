import { z } from "zod";
import type { Database } from "../../tables/database.ts";
import { readBatches } from "../../tables/read-batches.ts";
import { sqlFile } from "../../tables/sql-file.ts";
import { sideSettings, type KnowledgeSettings } from "../settings.ts";
import { attributeMap, withoutNulls } from "./attribute-map.ts";
import type { Item } from "./contexts.ts";

const userRow = z.object({ user_id: z.int(), attributes: z.string().nullable() });

/** Whether prompts about users show attributes: only those of KAR do. */
export function showsUserAttributes(settings: KnowledgeSettings): boolean {
  const { userAttributes } = settings;
  return sideSettings(settings, "user").strategy === "kar" && userAttributes.length > 0;
}

/**
 * The attributes of the users of `user_contexts` that prompts may show; users without any are left out.
 *
 * @param db - With `users` and `user_contexts` mounted
 */
export async function loadUsers(
  db: Database,
  { userAttributes }: Pick<KnowledgeSettings, "userAttributes">,
): Promise<ReadonlyMap<number, Item["attributes"]>> {
  const users = new Map<number, Item["attributes"]>();
  for await (const batch of readBatches(db, sqlFile("knowledge/users"))) {
    for (const row of batch) {
      const { user_id, attributes } = userRow.parse(row.toJSON());
      const known = Object.entries(attributeMap.parse(JSON.parse(attributes ?? "{}")));
      const shown = withoutNulls(
        known.filter(([name]) => userAttributes === "all" || userAttributes.includes(name)),
      );
      const values = Object.entries(shown).filter(([, all]) => all.length > 0);
      if (values.length > 0) users.set(user_id, Object.fromEntries(values));
    }
  }
  return users;
}
