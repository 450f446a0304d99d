import { open } from "node:fs/promises";
import { isUtf8 } from "node:buffer";
import { FlowError } from "../../../base/errors.ts";
import { waitForAll } from "../../../base/wait-for-all.ts";
import type { Database, SqlParams } from "../../../tables/database.ts";
import { literalPattern } from "../../../tables/literal-path.ts";
import { quote } from "../../../tables/quote.ts";
import { sqlFile } from "../../../tables/sql-file.ts";
import { makeCounts, rowLedger } from "../files/row-ledger.ts";
import type { SourceRows } from "../source.ts";
import { csvColumns } from "./csv-columns.ts";
import { findMovielens, type MovielensFiles } from "./layout.ts";
import { readFileInto, refuseFaults } from "./read-file.ts";
import type { MovielensSettings } from "./settings.ts";

/** Most invalid ratings that `onBadRow: skip` leaves out, as a share of all. */
export const maxBadShare = 0.01;

export interface LoadMovielensOptions {
  /** Leaves out invalid ratings however many there are. */
  readonly isLenient?: boolean;
}

/**
 * Loads a MovieLens folder in any published layout. The tables `source_rejects` and `source_counts` account for the ratings left out.
 *
 * @throws `INPUT_INVALID` naming file, line and reason
 */
export async function loadMovielens(
  db: Database,
  { path, onBadRow }: Pick<MovielensSettings, "path" | "onBadRow">,
  { isLenient = false }: LoadMovielensOptions = {},
): Promise<SourceRows> {
  const files = await findMovielens(path);
  const share = isLenient ? 1 : onBadRow === "skip" ? maxBadShare : 0;
  const loads = [
    (own: Database) => loadRatings(own, files, share),
    (own: Database) => loadItems(own, files),
    (own: Database) => loadUsers(own, files),
  ];
  await waitForAll(loads.map((load) => db.onFork(load)));
  return {
    name: files.ratings,
    firstLine: files.layout.firstLine,
    tables: {
      rejects: "select * from source_rejects",
      ingest_counts: "select * from source_counts",
    },
  };
}

/** @param maxShare - Most invalid ratings to leave out, as a share of all; 0: any stops the run */
async function loadRatings(
  db: Database,
  { ratings, layout }: MovielensFiles,
  maxShare: number,
): Promise<void> {
  const range = { min_rating: layout.ratingRange[0], max_rating: layout.ratingRange[1] };
  const text = sqlFile(layout.ratingsSql);
  const params = layout.columns === undefined ? { path: literalPattern(ratings) } : {};
  if (layout.columns !== undefined) {
    const rows = await csvColumns(ratings, layout.columns.ratings, "null_padding = true, ");
    await readFileInto(db, "view", "ratings_csv", rows, {}, ratings);
  }
  const typed = `with ratings_text as (\n${text}\n)\nselect * from (\n${sqlFile("ingest/ratings_typed")}\n)`;
  await readFileInto(db, "table", "ratings_typed", typed, { ...params, ...range }, ratings);
  await db.run("create view ratings_judged as select *, rowid as file_row from ratings_typed");
  const [counts] = await db.rows(
    "select count(*) as lines, count(*) filter (user_id is null or item_id is null or rating is null or ts is null) as faults from ratings_judged",
  );
  if (counts?.["lines"] === 0) {
    throw new FlowError(
      "INPUT_INVALID",
      `${ratings} holds no ratings; unpack or download the data again`,
    );
  }
  const [lines, bad] = [Number(counts?.["lines"]), Number(counts?.["faults"])];
  const faults = { ...range, first_line: layout.firstLine };
  if (bad > 0) await readFileInto(db, "table", "ratings_text", text, params, ratings);
  if (bad > Math.floor(maxShare * lines)) {
    await refuseFaults(db, "ingest/rating_faults", faults, ratings);
  }
  await keepValid(db, ratings, { lines, bad }, faults);
}

/** Creates the view `source_interactions` of the valid ratings, and the tables that account for the others. */
async function keepValid(
  db: Database,
  path: string,
  { lines, bad }: { readonly lines: number; readonly bad: number },
  faults: SqlParams,
): Promise<void> {
  await db.run(
    `create view source_interactions as select * from ratings_judged${bad === 0 ? "" : " where user_id is not null and item_id is not null and rating is not null and ts is not null"}`,
  );
  await db.run(
    "create table source_rejects (source varchar, file varchar, line bigint, reason varchar, content varchar)",
  );
  const ledger = rowLedger(lines);
  if (bad > 0) {
    const all = `select 'interactions', ${quote(path)}, line, reason, regexp_replace(left(content, 200), '[[:cntrl:]]', '\uFFFD', 'g') from (\n${sqlFile("ingest/rating_faults")}\n)`;
    await db.run(`insert into source_rejects ${all}`, { ...faults, limit: bad });
    ledger.drop("bad row", "the rating is invalid", bad);
  }
  await makeCounts(db, ledger.lines());
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
