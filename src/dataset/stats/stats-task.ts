import type { RunTask } from "../../flow/task.ts";
import { waitForAll } from "../../base/wait-for-all.ts";
import { mountTables } from "../../tables/mount-tables.ts";
import { sqlFile } from "../../tables/sql-file.ts";
import { writeQuery } from "../../tables/write-query.ts";
import { withDatabase } from "../../tables/database.ts";

/**
 * Computes statistics that need no text: writes `user_stats` from the context rows and `item_stats` from the training rows. Items
 * without training rows are left out.
 */
export const makeStats: RunTask = async (task, context) => {
  return withDatabase(context, async (db) => {
    await mountTables(db, task.inputs, context.runDir);
    return await waitForAll(
      ["user_stats", "item_stats"].map((table) =>
        writeQuery(db, table, sqlFile(`stats/${table}`), {}, context),
      ),
    );
  });
};
