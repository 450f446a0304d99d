import type { Subject } from "../../base/terms.ts";
import { z } from "zod";
import type { RunTask, TaskContext, WrittenFile } from "../../flow/task.ts";
import { type Database, type SqlParams, withDatabase } from "../../tables/database.ts";
import { mountTables } from "../../tables/mount-tables.ts";
import { sqlFile } from "../../tables/sql-file.ts";
import { writeQuery } from "../../tables/write-query.ts";

/** Configuration of the targets' stage. */
export const targetsConfig = z.strictObject({
  share: z.number().gt(0).max(1).default(0.4).describe("Of the users, and of the items."),
  seed: z.int().min(0).default(1),
  history: z.int().min(1).describe("Events of the target user shown for an item."),
  partRows: z.int().min(1).default(512).describe("Targets a part: the teacher's unit of work."),
});

/**
 * Chooses the targets whose rating the teacher has to predict: writes `user_targets` and `item_targets`, in parts by id.
 *
 * Config {@link targetsConfig}; inputs `timeline`, `user_contexts`, `item_contexts`.
 */
export const makeTargets: RunTask = async (task, context) => {
  const { share, seed, history, partRows } = targetsConfig.parse(task.config);
  return withDatabase(context, async (db) => {
    await mountTables(db, task.inputs, context.runDir);
    return [
      ...(await writeParts(db, "user", { share, seed }, partRows, context)),
      ...(await writeParts(db, "item", { share, seed, history }, partRows, context)),
    ];
  });
};

async function writeParts(
  db: Database,
  subject: Subject,
  params: SqlParams,
  partRows: number,
  context: TaskContext,
): Promise<readonly WrittenFile[]> {
  const table = `${subject}_targets`;
  await db.run(
    `create table all_${table} as select *, row_number() over (order by ${subject}_id) - 1 as place ` +
      `from (\n${sqlFile(`construct/${table}`)}\n)`,
    params,
  );
  const [counts] = await db.rows(`select count(*) as rows from all_${table}`);
  const rowsTotal = Number(counts?.["rows"]);
  const files: WrittenFile[] = [];
  for (let first = 0; first < rowsTotal; first += partRows) {
    const bounds = { first, next: first + partRows };
    const select = `select * exclude (place) from all_${table} where place >= $first and place < $next`;
    files.push(await writeQuery(db, table, select, bounds, context));
    const rowsDone = Math.min(bounds.next, rowsTotal);
    context.progress({ rowsDone, rowsTotal, unit: `${subject} targets` });
  }
  return files;
}
