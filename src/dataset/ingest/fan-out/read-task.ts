import { z } from "zod";
import { subjects, type Subject } from "../../../base/terms.ts";
import type { RunTask, TaskContext, TaskSpec, WrittenFile } from "../../../flow/task.ts";
import type { Database } from "../../../tables/database.ts";
import { nameDamagedFile } from "../../../tables/files/name-damaged-file.ts";
import { mountFiles } from "../../../tables/mount-tables.ts";
import { findCutIds } from "../../../tables/source-ids/refuse-lost-ids.ts";
import { sqlFile } from "../../../tables/sql-file.ts";
import { writeQuery } from "../../../tables/write-query.ts";
import { byReason, countReasons, keepBadRows } from "../../sources/files/bad-rows.ts";
import { eventsIn } from "../../sources/files/checks/event-types.ts";
import { mayLackKeys } from "../../sources/files/checks/refuse-missing-keys.ts";
import {
  typingOf,
  usesDictionary,
  type ColumnReadings,
} from "../../sources/files/columns/find-typing.ts";
import { dropsRows, makeRejects, namesDropped } from "../../sources/files/drop-rows.ts";
import { namingDamaged } from "../../sources/files/name-damaged.ts";
import { sampleUsers } from "../../sources/files/number-rows.ts";
import {
  checkedIds,
  judgeRaw,
  openRaw,
  type RawInteractions,
} from "../../sources/files/open-interactions.ts";
import type { FilesSettings } from "../../sources/files/settings.ts";
import { fileStep } from "../../sources/files/stage-rows.ts";
import { writeBuckets } from "../write-interactions.ts";
import { writeTallies, type Tally } from "./tallies.ts";
import { foundTyping, groupOf, knownTypes, withSource, type TaskGroup } from "./with-source.ts";

const readConfig = z.object({ buckets: z.int().min(1) });

/**
 * Reads a group of files into buckets of users: `ingest_rows` or, where ids are integers and all valid rows are kept, `interactions` at
 * once. Faults of rows are only counted: whether they are too many, all files decide.
 */
export const read: RunTask = (task, context) =>
  withSource(task, context, async (db, { settings, files: all }) => {
    await db.run("set preserve_insertion_order = true");
    context.progress({ rowsDone: 0, unit: "rows", detail: { doing: "reading" } });
    const group = groupOf(task, all);
    const parquet = group.files.filter(
      ({ format, bytes }) => format === "parquet" && bytes !== null,
    );
    const paths = parquet.map(({ path }) => path);
    return nameDamagedFile(db, paths, async () => {
      const { rowsBefore, ...known } = await knownFiles(db, task, group);
      const raw = await openRaw(db, { files: group.files, settings, site: context, known });
      const typing =
        (await foundTyping(db, task)) ??
        (await typingOf([], { ...raw, settings, ...noValues(all) }));
      return namingDamaged(db, "source_raw", raw.opened, async () => {
        await judgeRaw(db, raw, {
          ...{ settings, site: context, typing, nowMs: Date.now(), rowsBefore },
          keepsContent: namesDropped(settings),
          isStaged: false,
        });
        const { buckets } = readConfig.parse(task.config);
        return writeGroup(db, task, { group, raw, settings, typing, buckets }, context);
      });
    });
  });

/** For a typing that the settings give: no value is looked at. */
function noValues({ interactions }: { readonly interactions: TaskGroup["files"] }) {
  return { files: interactions, showValue: () => Promise.resolve("") };
}

async function knownFiles(db: Database, task: TaskSpec, { from, files }: TaskGroup) {
  const types = await knownTypes(db);
  if (task.inputs["ingest_files"] === undefined) return { types, rowsBefore: 0 };
  const [before] = await db.rows(
    "select coalesce(sum(rows), 0)::bigint as rows from ingest_files where file_index < $from",
    { from },
  );
  const found = await db.rows(
    "select rows, is_rewritten from ingest_files where file_index >= $from order by file_index",
    { from },
  );
  const texts = found.map((row) => ({
    rows: Number(row["rows"]),
    isRewritten: row["is_rewritten"] === true,
  }));
  return {
    types,
    rowsBefore: Number(before?.["rows"]),
    ...(texts.length === files.length && { texts }),
  };
}

interface GroupToWrite {
  readonly group: TaskGroup;
  readonly raw: RawInteractions;
  readonly settings: FilesSettings;
  readonly typing: ColumnReadings;
  readonly buckets: number;
}

async function writeGroup(
  db: Database,
  task: TaskSpec,
  made: GroupToWrite,
  context: TaskContext,
): Promise<readonly WrittenFile[]> {
  const { raw, settings, typing } = made;
  const counts = await countReasons(db, "source_checked");
  const reasons = byReason(counts);
  const all = counts.reduce((sum, { rows }) => sum + rows, 0);
  const bad = [...reasons.values()].reduce((sum, rows) => sum + rows, 0);
  const kept = namesDropped(settings) ? (["line", "content"] as const) : [];
  const notSampled = await sampleUsers(db, settings, all - bad, kept);
  const parts = await writeRows(db, made, kept, context);
  const ids = await writeIds(db, parts, typing, context);
  const tallies: readonly Tally[] = [
    { fact: "valid row", value: "", rows: all - bad },
    ...[...reasons].map(([reason, rows]): Tally => ({ fact: "bad row", value: reason, rows })),
    { fact: "sampling", value: "", rows: notSampled },
    ...(await wholeFacts(db, raw, settings)),
    ...(await cutIdsIn(db, typing, bad + notSampled === 0 && all > 0)),
  ];
  return [
    ...parts,
    ...ids,
    ...(bad === 0 ? [] : [await writeBadRows(db, raw, context)]),
    await writeTallies(db, task, tallies, context),
  ];
}

/** What only all groups together decide. */
async function wholeFacts(
  db: Database,
  { columns, opened, roles }: RawInteractions,
  settings: FilesSettings,
): Promise<readonly Tally[]> {
  const isJson = opened.files[0]?.format === "json";
  const lacking: Tally[] =
    isJson && (await mayLackKeys(db, "source_raw", columns))
      ? [{ fact: "may lack keys", value: "", rows: 1 }]
      : [];
  const events = (await eventsIn(db, settings, roles)).map((value): Tally => ({
    ...{ fact: "event type", value, rows: 1 },
  }));
  return [...lacking, ...events];
}

/**
 * Ids that a spreadsheet has cut, of valid and of bad rows.
 *
 * @param areAllWritten - Whether no row was left out, so that the rows written can be looked at, which is faster
 */
async function cutIdsIn(
  db: Database,
  typing: ColumnReadings,
  areAllWritten: boolean,
): Promise<readonly Tally[]> {
  const cut: Tally[] = [];
  for (const side of subjects) {
    if (typing[side] !== "dictionary") continue;
    const written = { from: "written_rows", column: `${side}_source` };
    const found = await findCutIds(db, areAllWritten ? written : checkedIds(side));
    if (found !== null) cut.push({ fact: `cut ${side} ids`, value: found.first, rows: found.ids });
  }
  return cut;
}

/** Writes the valid rows of `source_sampled`. */
async function writeRows(
  db: Database,
  { group: { from }, settings, typing, buckets }: GroupToWrite,
  kept: readonly string[],
  context: TaskContext,
): Promise<readonly WrittenFile[]> {
  const fileRow = `file_row + ${from * fileStep} as file_row`;
  const isDirect = !usesDictionary(typing) && !dropsRows(settings);
  const idOf = (side: Subject): string =>
    typing[side] === "dictionary" ? `${side}_id as ${side}_source` : `${side}_id`;
  const weight = settings.columns.weight === undefined ? [] : ["weight"];
  const rows = [idOf("user"), idOf("item"), "rating", "ts", ...weight, fileRow, ...kept];
  await db.run(
    `create or replace view source_interactions as select * replace (${fileRow}) from source_sampled`,
  );
  const [table, sql, params] = isDirect
    ? ["interactions", sqlFile("ingest/interactions"), { positive_above: settings.positiveAbove }]
    : ["ingest_rows", `select ${rows.join(", ")} from source_sampled`, {}];
  if (buckets === 1) {
    return [await writeQuery(db, table, sql, params, context)];
  }
  // A hash that no version of DuckDB changes: rows of a user must meet, whenever they were read.
  const bucket =
    typing.user === "dictionary"
      ? `cast(md5_number_lower(user_source) % ${buckets} as integer)`
      : `user_id % ${buckets}`;
  return writeBuckets(db, { table, sql, params, buckets, bucket }, context);
}

/** Writes the users and items of the rows that were written. */
async function writeIds(
  db: Database,
  parts: readonly WrittenFile[],
  typing: ColumnReadings,
  context: TaskContext,
): Promise<readonly WrittenFile[]> {
  if (parts.length === 0) return [];
  const paths = parts.map(({ path }) => path);
  await mountFiles(db, "written_rows", paths);
  const item = typing.item === "dictionary" ? "item_source" : "item_id";
  const items = `select ${item}, min(file_row) as first_row, count(*) as rows from written_rows group by ${item}`;
  const users = "select distinct user_source from written_rows";
  return [
    await writeQuery(db, "ingest_item_ids", items, {}, context),
    ...(typing.user === "dictionary"
      ? [await writeQuery(db, "ingest_user_ids", users, {}, context)]
      : []),
  ];
}

async function writeBadRows(
  db: Database,
  { opened }: RawInteractions,
  context: TaskContext,
): Promise<WrittenFile> {
  await makeRejects(db);
  await keepBadRows(db, "source_checked", "interactions", opened);
  return writeQuery(db, "rejects", "select * from source_rejects", {}, context);
}
