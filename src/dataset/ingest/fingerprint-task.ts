import type { RunTask } from "../../flow/task.ts";
import { withDatabase } from "../../tables/database.ts";
import { mountTables } from "../../tables/mount-tables.ts";
import { sqlFile } from "../../tables/sql-file.ts";
import { writeQuery } from "../../tables/write-query.ts";

/** Writes `data_fingerprint`, one row. Reads `interactions`. */
export const fingerprint: RunTask = (task, context) =>
  withDatabase(context, async (db) => {
    await mountTables(db, task.inputs, context.runDir);
    const query = sqlFile("ingest/data_fingerprint");
    return [await writeQuery(db, "data_fingerprint", query, {}, context)];
  });
