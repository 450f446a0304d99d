import { FlowError } from "../../../../base/errors.ts";
import type { Database } from "../../../../tables/database.ts";
import { sqlFile } from "../../../../tables/sql-file.ts";

/**
 * Stops when items of the interactions are not in the item file.
 *
 * @param nameRow - Names a row of the interactions by its `file_row`
 * @throws `INPUT_INVALID` naming the first ones
 */
export async function refuseUnknownItems(
  db: Database,
  nameRow: (fileRow: number) => Promise<string>,
): Promise<void> {
  const found = await db.rows(
    `select *, count(*) over () as items from (\n${sqlFile("source/items_without_metadata")}\n) limit 3`,
  );
  const [first] = found;
  if (first === undefined) return;
  const lines: string[] = [];
  for (const { source_id, rows, first_row } of found) {
    const row = await nameRow(Number(first_row));
    lines.push(`  ${row}: item ${String(source_id)} (${String(rows)} rows)`);
  }
  throw new FlowError(
    "INPUT_INVALID",
    `${String(first["items"])} item(s) of the interactions have no row in dataset.items.path, the first:\n${lines.join("\n")}\n` +
      "Add them there, keep them with --set dataset.items.missing=keep, or drop their rows with --set dataset.items.missing=drop.",
  );
}
