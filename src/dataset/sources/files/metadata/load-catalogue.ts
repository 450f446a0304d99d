/** @file Metadata of the items and users of the interactions, with the run's ids. */
import type { Database } from "../../../../tables/database.ts";
import { countReasons, keepBadRows, refuseBadRows, type BadRowPolicy } from "../bad-rows.ts";
import { openItems, openUsers, type LoadMetadataOptions } from "../load-metadata.ts";
import type { OpenedFiles } from "../open-files.ts";
import type { FilesSettings } from "../settings.ts";

type MetadataSettings = BadRowPolicy & Pick<FilesSettings, "items" | "users">;

/** Creates the table `catalogue(item_id, title, year, attributes)` of the item file. */
export async function loadCatalogue(
  db: Database,
  settings: MetadataSettings,
  options: LoadMetadataOptions,
): Promise<void> {
  if (settings.items === undefined) {
    await db.run(
      "create or replace table catalogue (item_id integer, title varchar, year smallint, attributes map(varchar, varchar[]))",
    );
    return;
  }
  const opened = await openItems(db, settings.items, options);
  await judgeMetadata(db, "items", opened, settings);
  await db.run(
    `create or replace table catalogue as select ${numbered("item", options)}, title, year, attributes from ${checked("item", options)}`,
  );
}

/** Creates the table `source_users(user_id, attributes)`. */
export async function loadUsers(
  db: Database,
  settings: MetadataSettings,
  options: LoadMetadataOptions,
): Promise<void> {
  if (settings.users === undefined) {
    await db.run(
      "create or replace table source_users (user_id integer, attributes map(varchar, varchar[]))",
    );
    return;
  }
  const opened = await openUsers(db, settings.users, options);
  await judgeMetadata(db, "users", opened, settings);
  await db.run(
    `create or replace table source_users as select ${numbered("user", options)}, attributes from ${checked("user", options)}`,
  );
}

async function judgeMetadata(
  db: Database,
  side: "items" | "users",
  opened: OpenedFiles,
  settings: MetadataSettings,
): Promise<void> {
  const view = `${side}_checked` as const;
  await refuseBadRows(db, view, await countReasons(db, view), opened, settings);
  await keepBadRows(db, view, side, opened);
}

function numbered(side: "item" | "user", { kind }: LoadMetadataOptions): string {
  return `${kind === "dictionary" ? `${side}_dictionary` : `${side}s_checked`}.${side}_id`;
}

/** The valid rows of a metadata file, joined with the dictionary of their ids where there is one. */
function checked(side: "item" | "user", { kind }: LoadMetadataOptions): string {
  const rows = `(select * from ${side}s_checked where reason is null) as ${side}s_checked`;
  return kind === "integer"
    ? rows
    : `${rows} inner join ${side}_dictionary on ${side}s_checked.${side}_id = ${side}_dictionary.source_id`;
}
