/** @file Valid rows of the interactions that the settings leave out. */
import type { Database } from "../../../tables/database.ts";
import { createView } from "./create-view.ts";
import { findDuplicates } from "./find-duplicates.ts";
import type { FilesSettings } from "./settings.ts";

export type DropSettings = Pick<FilesSettings, "items" | "duplicates" | "kCore">;

/** Reason for leaving out a row of an item that is not in the item file. */
export const withoutMetadata = "the item has no metadata";

/** Creates the empty tables `source_rejects`, for all rows left out, and `dropped`, for valid ones. */
export async function makeRejects(db: Database): Promise<void> {
  await db.run(
    "create or replace table source_rejects (source varchar, file varchar, line bigint, reason varchar, content varchar)",
  );
  await db.run("create or replace table dropped (file_row bigint, reason varchar)");
}

/** Whether the settings may drop valid rows. */
export function dropsRows(settings: DropSettings): boolean {
  return namesDropped(settings) || settings.kCore !== undefined;
}

/** Whether they may drop rows that the table rejects then names. */
export function namesDropped({
  items,
  duplicates,
}: Pick<DropSettings, "items" | "duplicates">): boolean {
  return items?.missing === "drop" || duplicates !== "error";
}

/**
 * Adds the rows of `source_rows` whose item is not in `catalogue` to the table `dropped`, if the settings say so.
 *
 * @returns Their number
 */
export async function dropUnknownItems(
  db: Database,
  { items }: Pick<DropSettings, "items">,
): Promise<number> {
  if (items?.missing !== "drop") return 0;
  await db.run(
    "insert into dropped select file_row, $reason from source_rows anti join catalogue using (item_id)",
    { reason: withoutMetadata },
  );
  const [counted] = await db.rows("select count(*) as rows from dropped");
  return Number(counted?.["rows"]);
}

/**
 * Drops repeated events, if the settings say so: the view `source_events` of the rows of `source_rows` that are left.
 *
 * @param rows - Number of rows not dropped so far
 * @returns Number of rows dropped
 */
export async function dropDuplicates(
  db: Database,
  settings: DropSettings,
  rows: number,
): Promise<number> {
  if (!dropsRows(settings)) {
    await db.run("create or replace view source_events as from source_rows");
    return 0;
  }
  await createView(db, "source_events", "source/events");
  if (settings.duplicates === "error") return 0;
  return findDuplicates(db, settings.duplicates, rows);
}
