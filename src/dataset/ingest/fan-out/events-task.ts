import type { RunTask } from "../../../flow/task.ts";
import { writeQuery } from "../../../tables/write-query.ts";
import { loadBucket } from "./load-bucket.ts";
import { writeTallies } from "./tallies.ts";
import { bucketOf, withSource } from "./with-source.ts";

/** Writes the rows of a bucket of users from which the k-core is taken: `ingest_events`. */
export const events: RunTask = (task, context) =>
  withSource(task, context, async (db, source) => {
    const tallies = await loadBucket(db, task, source, context);
    const sql =
      "select user_id, item_id, rating, columns('^(ts|weight)$'), file_row from source_events";
    const part = await writeQuery(db, "ingest_events", sql, {}, context);
    return [
      { ...part, ...bucketOf(task) },
      await writeQuery(db, "rejects", "select * from source_rejects", {}, context),
      await writeTallies(db, task, tallies, context),
    ];
  });
