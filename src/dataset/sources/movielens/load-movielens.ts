import { open } from "node:fs/promises";
import { isUtf8 } from "node:buffer";
import { FlowError } from "../../../base/errors.ts";
import { waitForAll } from "../../../base/wait-for-all.ts";
import type { Database } from "../../../tables/database.ts";
import { literalPattern } from "../../../tables/literal-path.ts";
import { sqlFile } from "../../../tables/sql-file.ts";
import type { SourceRows } from "../source.ts";
import { csvColumns } from "./csv-columns.ts";
import { findMovielens, type MovielensFiles } from "./layout.ts";
import { readFileInto, refuseFaults } from "./read-file.ts";
import type { MovielensSettings } from "./settings.ts";

/** Loads a MovieLens folder in any published layout. */
export async function loadMovielens(
  db: Database,
  { path }: Pick<MovielensSettings, "path">,
): Promise<SourceRows> {
  const files = await findMovielens(path);
  const loads = [loadRatings, loadItems, loadUsers];
  await waitForAll(loads.map((load) => db.onFork((own) => load(own, files))));
  return { name: files.ratings, firstLine: files.layout.firstLine };
}

async function loadRatings(db: Database, { ratings, layout }: MovielensFiles): Promise<void> {
  const range = { min_rating: layout.ratingRange[0], max_rating: layout.ratingRange[1] };
  const text = sqlFile(layout.ratingsSql);
  const params = layout.columns === undefined ? { path: literalPattern(ratings) } : {};
  if (layout.columns !== undefined) {
    const rows = await csvColumns(ratings, layout.columns.ratings, "null_padding = true, ");
    await readFileInto(db, "view", "ratings_csv", rows, {}, ratings);
  }
  const typed = `with ratings_text as (\n${text}\n)\nselect * from (\n${sqlFile("ingest/ratings_typed")}\n)`;
  await readFileInto(db, "table", "ratings_typed", typed, { ...params, ...range }, ratings);
  await db.run("create view source_interactions as select *, rowid as file_row from ratings_typed");
  const [counts] = await db.rows(
    "select count(*) as lines, count(*) filter (user_id is null or item_id is null or rating is null or ts is null) as faults from source_interactions",
  );
  if (counts?.["lines"] === 0) {
    throw new FlowError(
      "INPUT_INVALID",
      `${ratings} holds no ratings; unpack or download the data again`,
    );
  }
  if (counts?.["faults"] !== 0) {
    await readFileInto(db, "table", "ratings_text", text, params, ratings);
    const faults = { ...range, first_line: layout.firstLine };
    await refuseFaults(db, "ingest/rating_faults", faults, ratings);
  }
}

async function loadItems(db: Database, { items, layout }: MovielensFiles): Promise<void> {
  const encoding = await encodingOf(items);
  const params = layout.columns === undefined ? { path: literalPattern(items), encoding } : {};
  if (layout.columns !== undefined) {
    const rows = await csvColumns(items, layout.columns.items, `encoding = '${encoding}', `);
    await readFileInto(db, "view", "items_csv", rows, {}, items);
  }
  await readFileInto(db, "table", "source_titles", sqlFile(layout.itemsSql), params, items);
  await refuseFaults(db, "ingest/item_faults", { first_line: layout.firstLine }, items);
  await readFileInto(db, "table", "source_items", sqlFile("ingest/items"), {}, items);
}

async function loadUsers(db: Database, { users, layout }: MovielensFiles): Promise<void> {
  if (users === undefined || layout.users === undefined) {
    await db.run("create table source_users (user_id integer, attributes map(varchar, varchar[]))");
    return;
  }
  const params = { path: literalPattern(users) };
  await readFileInto(db, "table", "users_text", sqlFile(layout.users.sql), params, users);
  await refuseFaults(db, "ingest/user_faults", { first_line: layout.firstLine }, users);
  await db.run(
    "create table source_users as select cast(user_id as integer) as user_id, attributes from users_text",
  );
}

/** GroupLens published the old files in latin-1 and publishes the new ones in UTF-8. */
async function encodingOf(path: string): Promise<"utf-8" | "latin-1"> {
  if (path.endsWith(".gz")) return "utf-8";
  const file = await open(path);
  try {
    return isUtf8(await file.readFile()) ? "utf-8" : "latin-1";
  } finally {
    await file.close();
  }
}
