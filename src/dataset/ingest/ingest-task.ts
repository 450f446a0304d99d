import { z } from "zod";
import type { Subject } from "../../base/terms.ts";
import type { RunTask, TaskContext, WrittenFile } from "../../flow/task.ts";
import { waitForAll } from "../../base/wait-for-all.ts";
import { type Database, withDatabase } from "../../tables/database.ts";
import { mountFiles } from "../../tables/mount-tables.ts";
import { refuseFullDisk } from "../../tables/refuse-full-disk.ts";
import { defineSourceIds, dictionaryOf } from "../../tables/source-ids/source-ids.ts";
import { sqlFile } from "../../tables/sql-file.ts";
import { writeQuery } from "../../tables/write-query.ts";
import { diskNeed } from "./disk-need.ts";
import { bucketsSetting, datasetSettings } from "../settings.ts";
import { sourceOf } from "../sources/registry.ts";
import type { SourceRows } from "../sources/source.ts";
import { refuseDuplicates, refuseFaults } from "./refuse-duplicates.ts";
import { bucketsFor, writeInteractions } from "./write-interactions.ts";

const ingestConfig = z.object({ dataset: datasetSettings });

/**
 * Settings that do not change the data: how the interactions are stored, and the length of histories, from which the disk space needed
 * is estimated.
 */
const ingestRuntime = z.object({ buckets: bucketsSetting, history: z.int().optional() });

/**
 * Reads the source into `interactions`, `items` and `users`; large sources are split into buckets of users.
 *
 * @throws `INPUT_INVALID` for a faulty line, a duplicate event or a rated item without metadata; `OUTPUT_FAILED` when the disk is too
 * full for the run. Nothing is committed then.
 */
export const ingest: RunTask = async (task, context) => {
  const { dataset } = ingestConfig.parse(task.config);
  return withDatabase(context, async (db) => {
    // File order is part of the data: some protocols break ties by it.
    await db.run("set preserve_insertion_order = true");
    context.progress({ rowsDone: 0, unit: "rows", detail: { doing: "reading" } });
    const source = await sourceOf(dataset).load(db, dataset, context);
    await nameAsSource(db, source);
    const { positiveAbove: positive_above } = dataset;
    const runtime = ingestRuntime.parse(task.runtime ?? {});
    const rows = source.rows ?? (await countRows(db));
    const buckets = runtime.buckets === "auto" ? bucketsFor(rows) : runtime.buckets;
    const what = `a run on ${rows.toLocaleString("en")} interactions`;
    await refuseFullDisk(context.runDir, diskNeed(rows, runtime.history ?? 0), what);
    const layout = { buckets, isSorted: !source.isUnordered };
    const interactions = () => writeInteractions(db, { positive_above }, layout, context);
    const others = () =>
      waitForAll(
        Object.entries({ items: "select * from source_items", ...source.tables }).map(
          ([table, sql]) =>
            table === "ingest_counts"
              ? writeQuery(db, table, sqlFile("ingest/counts"), { most: longItem }, context)
              : writeQuery(db, table, sql, {}, context),
        ),
      );
    if (buckets > 1) {
      const [parts, files] = [await interactions(), await others()];
      requireAllRows(source, parts);
      return [...parts, ...files, ...(await writeUsersOf(db, parts, source, context))];
    }
    const writes = waitForAll([interactions(), others(), writeUsers(db, context)]);
    // Checked while the tables are written, one core each; a fault discards what was written.
    const checked = refuseDuplicates(db, source).then(() => refuseUnknownItems(db, source));
    const [, [parts, ...written]] = await waitForAll([checked, writes]);
    requireAllRows(source, parts);
    return [parts, ...written].flat();
  });
};

/** Characters of title and attribute values beyond which an item is counted as long. */
export const longItem = 10_000;

/** Defines the macros with which faults name users and items as the source does. */
function nameAsSource(db: Database, { tables = {} }: SourceRows): Promise<void> {
  const isNumbered = (subject: Subject): boolean => tables[dictionaryOf(subject)] !== undefined;
  return defineSourceIds(db, { user: isNumbered("user"), item: isNumbered("item") });
}

/** Checks that exactly the rows the source accounts for are written: none is dropped silently. */
export function requireAllRows(
  { accountedRows }: Pick<SourceRows, "accountedRows">,
  interactions: readonly Pick<WrittenFile, "rows">[],
): void {
  const rows = interactions.reduce((sum, part) => sum + part.rows, 0);
  if (accountedRows === undefined || rows === accountedRows) return;
  throw new Error(`internal: ${accountedRows} interactions accounted for, ${rows} written`);
}

async function countRows(db: Database): Promise<number> {
  const [counted] = await db.rows("select count(*) as rows from source_interactions");
  return Number(counted?.["rows"]);
}

function writeUsers(db: Database, context: TaskContext): Promise<WrittenFile> {
  return writeQuery(db, "users", sqlFile("ingest/users"), {}, context);
}

/** Checks written interactions bucket by bucket and writes their users. */
async function writeUsersOf(
  db: Database,
  parts: readonly WrittenFile[],
  source: SourceRows,
  context: TaskContext,
): Promise<readonly WrittenFile[]> {
  const users: WrittenFile[] = [];
  const rowsTotal = parts.reduce((sum, part) => sum + part.rows, 0);
  let rowsDone = 0;
  await dropSource(db);
  for (const { path, rows, bucket = 0 } of parts) {
    await mountFiles(db, "source_interactions", [path]);
    await refuseDuplicates(db, source);
    await refuseUnknownItems(db, source);
    users.push({ ...(await writeUsers(db, context)), bucket });
    rowsDone += rows;
    context.progress({ rowsDone, rowsTotal, unit: "rows" });
  }
  return users;
}

/** Drops the loaded table, to be replaced by a view of the written files: faster to read, and no memory. */
async function dropSource(db: Database): Promise<void> {
  const [table] = await db.rows(
    "select 1 from duckdb_tables() where table_name = 'source_interactions'",
  );
  if (table !== undefined) await db.run("drop table source_interactions");
}

async function refuseUnknownItems(db: Database, source: SourceRows): Promise<void> {
  const found = await db.rows(
    `select * replace (source_item_id(item_id) as item_id) from (\n${sqlFile("ingest/unknown_items")}\n) order by first_line`,
    { first_line: source.firstLine },
  );
  const lines = found.map(
    ({ item_id, first_line, ratings }) =>
      `line ${String(first_line)}: item ${String(item_id)} (${String(ratings)} ratings) has no metadata`,
  );
  refuseFaults(source, lines, "Add the items to the item file, or remove their ratings.");
}
