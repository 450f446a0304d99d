import { FlowError } from "../../../base/errors.ts";
import { waitForAll } from "../../../base/wait-for-all.ts";
import type { Database } from "../../../tables/database.ts";
import { sqlFile } from "../../../tables/sql-file.ts";
import { makeCounts, rowLedger, type RowLedger } from "../files/row-ledger.ts";
import type { SourceRows, SourceSite } from "../source.ts";
import { leaveOut, mostBad, type BadLinePolicy } from "./bad-lines.ts";
import { findMovielens, type MovielensFiles } from "./layout.ts";
import { openMetadata, readRatings } from "./read-records.ts";
import type { MovielensSettings } from "./settings.ts";

export interface LoadMovielensOptions {
  /** Leaves out invalid lines however many there are. */
  readonly isLenient?: boolean;
}

/** How many lines a file has, and how many of them are left out. */
export interface FileCount {
  readonly path: string;
  readonly lines: number;
  readonly bad: number;
}

export interface LoadedMovielens extends SourceRows {
  /** Ratings, items and, where there are any, users. */
  readonly counts: readonly FileCount[];
  /** Valid ratings left out because the item has no valid line. */
  readonly withoutItem: number;
}

/**
 * Loads a MovieLens folder in any published layout. The tables `source_rejects` and `source_counts` account for what is left out.
 *
 * @throws `INPUT_INVALID` naming file, line and reason
 */
export async function loadMovielens(
  db: Database,
  { path, onBadRow }: Pick<MovielensSettings, "path" | "onBadRow">,
  site: SourceSite,
  { isLenient = false }: LoadMovielensOptions = {},
): Promise<LoadedMovielens> {
  const files = await findMovielens(path);
  const policy = isLenient ? "lenient" : onBadRow;
  await db.run(
    "create table source_rejects (source varchar, file varchar, line bigint, reason varchar, content varchar)",
  );
  const loads = [loadRatings, loadItems, loadUsers];
  const loaded = await waitForAll(
    loads.map((load) => db.onFork((own) => load(own, files, policy, site))),
  );
  const counts = loaded.flatMap((count) => count ?? []);
  const [{ lines, bad } = { lines: 0, bad: 0 }] = counts;
  const ledger = rowLedger(lines);
  ledger.drop("bad row", "the rating is invalid", bad);
  const withoutItem = await dropUnknownItems(db, files, ledger, policy);
  await makeCounts(db, ledger.lines());
  return {
    name: files.ratings,
    firstLine: files.layout.firstLine,
    accountedRows: ledger.left(),
    isUnordered: withoutItem > 0,
    tables: {
      rejects: "select * from source_rejects",
      ingest_counts: "select * from source_counts",
    },
    ...{ counts, withoutItem },
  };
}

/** Creates the view `source_interactions` of the valid ratings. */
async function loadRatings(
  db: Database,
  { ratings, layout }: MovielensFiles,
  policy: BadLinePolicy,
  site: SourceSite,
): Promise<FileCount> {
  const range = { min_rating: layout.ratingRange[0], max_rating: layout.ratingRange[1] };
  const read = async (records: string): Promise<number> => {
    const typed = `with ratings_text as (\n${records}\n)\nselect * from (\n${sqlFile("ingest/ratings_typed")}\n)`;
    await db.run(`create or replace table ratings_typed as ${typed}`, range);
    const [found] = await db.rows("select count(*) as rows from ratings_typed");
    return Number(found?.["rows"]);
  };
  const records = await readRatings(db, ratings, layout.ratingsForm, site, read);
  const { firstLine } = layout;
  await db.run(
    `create view ratings_judged as select *, rowid as place, coalesce(line - ${firstLine}, rowid) as file_row from ratings_typed`,
  );
  const isValid =
    "user_id is not null and item_id is not null and rating is not null and ts is not null";
  const [counts] = await db.rows(
    `select count(*) as lines, count(*) filter (not (${isValid})) as bad from ratings_judged`,
  );
  const count = { path: ratings, lines: Number(counts?.["lines"]), bad: Number(counts?.["bad"]) };
  if (count.lines === 0) {
    throw new FlowError(
      "INPUT_INVALID",
      `${ratings} holds no ratings; unpack or download the data again`,
    );
  }
  if (count.bad > 0) {
    await db.run(`create table ratings_text as ${records}`);
    const params = { ...range, first_line: firstLine };
    const faults = {
      holds: "interactions",
      faults: sqlFile("ingest/rating_faults"),
      params,
    } as const;
    await leaveOut(db, { ...count, ...faults }, policy);
  }
  await db.run(
    `create view source_interactions as select user_id, item_id, rating, ts, file_row from ratings_judged${count.bad === 0 ? "" : ` where ${isValid}`}`,
  );
  return count;
}

async function loadItems(
  db: Database,
  { items, layout }: MovielensFiles,
  policy: BadLinePolicy,
  site: SourceSite,
): Promise<FileCount> {
  const records = await openMetadata(db, items, layout.itemsForm, "items", site);
  await numberLines(db, "item_records", records, layout.firstLine);
  await db.run(`create view source_titles as ${sqlFile(layout.itemsSql)}`);
  await db.run(`create table items_judged as ${sqlFile("ingest/items_judged")}`);
  const count = await judgeLines(db, "items", items, policy);
  await db.run(`create table source_items as ${sqlFile("ingest/items")}`);
  return count;
}

async function loadUsers(
  db: Database,
  { users, layout }: MovielensFiles,
  policy: BadLinePolicy,
  site: SourceSite,
): Promise<FileCount | undefined> {
  if (users === undefined || layout.users === undefined) {
    await db.run("create table source_users (user_id integer, attributes map(varchar, varchar[]))");
    return undefined;
  }
  const records = await openMetadata(db, users, layout.users.form, "users", site);
  await numberLines(db, "user_records", records, layout.firstLine);
  await db.run(`create view users_text as ${sqlFile(layout.users.sql)}`);
  await db.run(`create table users_judged as ${sqlFile("ingest/users_judged")}`);
  const count = await judgeLines(db, "users", users, policy);
  await db.run(
    "create table source_users as select user_id, attributes from users_judged where reason is null",
  );
  return count;
}

/** Creates a view of records that all have their line. */
async function numberLines(
  db: Database,
  view: string,
  records: string,
  firstLine: number,
): Promise<void> {
  await db.run(`create table ${view}_read as ${records}`);
  await db.run(
    `create view ${view} as select * replace (coalesce(line, rowid + ${firstLine}) as line) from ${view}_read`,
  );
}

async function judgeLines(
  db: Database,
  holds: "items" | "users",
  path: string,
  policy: BadLinePolicy,
): Promise<FileCount> {
  const [counts] = await db.rows(
    `select count(*) as lines, count(reason) as bad from ${holds}_judged`,
  );
  const count = { path, lines: Number(counts?.["lines"]), bad: Number(counts?.["bad"]) };
  if (count.bad > 0) {
    const faults = `select line, content, reason from ${holds}_judged where reason is not null`;
    await leaveOut(db, { ...count, holds, faults }, policy);
  }
  return count;
}

/**
 * Leaves out valid ratings of items that have no valid line, where that leaves out no more ratings than may be; else ingest refuses them.
 *
 * @returns Number of them left out
 */
async function dropUnknownItems(
  db: Database,
  { ratings, layout }: MovielensFiles,
  ledger: RowLedger,
  policy: BadLinePolicy,
): Promise<number> {
  if (policy === "stop") return 0;
  const [counted] = await db.rows(
    "select count(*) as rows from source_interactions anti join source_items using (item_id)",
  );
  const rows = Number(counted?.["rows"]);
  const dropped = ledger.rowsRead - ledger.left() + rows;
  if (rows === 0 || dropped > mostBad(policy, ledger.rowsRead)) return 0;
  const reason = "the item has no metadata";
  await db.run(
    `insert into source_rejects select 'interactions', $path, file_row + $first_line, $reason, concat_ws(' | ', user_id, item_id, rating, epoch(ts)::bigint) ` +
      "from source_interactions anti join source_items using (item_id)",
    { path: ratings, first_line: layout.firstLine, reason },
  );
  await db.run("alter view source_interactions rename to source_valid");
  await db.run(
    "create view source_interactions as select * from source_valid semi join source_items using (item_id)",
  );
  ledger.drop("no metadata", reason, rows);
  return rows;
}
