import type { RunTask, TaskContext, TaskSpec, WrittenFile } from "../../../flow/task.ts";
import type { Database } from "../../../tables/database.ts";
import { mountFiles } from "../../../tables/mount-tables.ts";
import { sqlFile } from "../../../tables/sql-file.ts";
import { writeQuery } from "../../../tables/write-query.ts";
import { createView } from "../../sources/files/create-view.ts";
import { makeRejects } from "../../sources/files/drop-rows.ts";
import { hasNoRepeats } from "../refuse-duplicates.ts";
import { isDirect, loadBucket } from "./load-bucket.ts";
import { writeTallies, type Tally } from "./tallies.ts";
import { bucketOf, withSource, type TaskSource } from "./with-source.ts";

/** Writes `interactions` and `users` of a bucket of users. */
export const buckets: RunTask = (task, context) =>
  withSource(task, context, async (db, source) => {
    const tallies = await loadKept(db, task, source, context);
    const bucket = bucketOf(task);
    const written: WrittenFile[] = [];
    const write = async (table: string, sql: string, params = {}): Promise<WrittenFile> => {
      const part = { ...(await writeQuery(db, table, sql, params, context)), ...bucket };
      written.push(part);
      return part;
    };
    if (!isDirect(task)) {
      const { positiveAbove: positive_above } = source.settings;
      const part = await writeBucket(db, { positive_above }, bucket, context);
      written.push(part);
      await mountFiles(db, "source_interactions", [part.path]);
    }
    await db.run("create or replace view source_users as from ingest_user_metadata");
    await write("users", sqlFile("ingest/users"));
    await write("ingest_kept_items", "select distinct item_id from source_interactions");
    if (!(await hasNoRepeats(db))) {
      await write("ingest_repeats", sqlFile("ingest/duplicates"), { first_line: 0 });
    }
    await write("rejects", "select * from source_rejects");
    return [...written.map(withoutBucket), await writeTallies(db, task, tallies, context)];
  });

/** Tables that later stages read bucket by bucket. */
const inBuckets = new Set(["interactions", "users"]);

function withoutBucket({ bucket, ...part }: WrittenFile): WrittenFile {
  return bucket === undefined || !inBuckets.has(part.table) ? part : { ...part, bucket };
}

/** Loads the rows that are kept: the view `source_interactions`. */
async function loadKept(
  db: Database,
  task: TaskSpec,
  source: TaskSource,
  context: TaskContext,
): Promise<readonly Tally[]> {
  if (task.inputs["ingest_core_users"] === undefined) {
    const tallies = await loadBucket(db, task, source, context);
    await db.run("create or replace view source_interactions as from source_events");
    return tallies;
  }
  await makeRejects(db);
  await db.run("create or replace view source_events as from ingest_events");
  await db.run("create or replace view core_users as from ingest_core_users");
  await db.run("create or replace view core_items as from ingest_core_items");
  await createView(db, "source_interactions", "source/core_events");
  return [];
}

/** Writes the rows of a bucket unsorted, and in the order of the source where there is only one. */
async function writeBucket(
  db: Database,
  params: { readonly positive_above: number },
  bucket: { readonly bucket?: number },
  context: TaskContext,
): Promise<WrittenFile> {
  const isSorted = bucket.bucket !== undefined;
  const sql = sqlFile("ingest/interactions");
  const part = await writeQuery(db, "interactions", sql, params, context, { isSorted });
  return { ...part, ...bucket };
}
