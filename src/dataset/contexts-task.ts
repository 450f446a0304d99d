import { z } from "zod";
import type { RunTask, TaskContext, WrittenFile } from "../flow/task.ts";
import { openDatabase, type Database, type SqlParams } from "../tables/database.ts";
import { mountTables } from "../tables/mount-tables.ts";
import { sqlFile } from "../tables/sql-file.ts";
import { writeQuery } from "../tables/write-query.ts";
import { contextsSettings } from "./settings.ts";

const contextsConfig = z.object({ contexts: contextsSettings });

/**
 * Chooses what the actor reads about each user and each item: writes `user_contexts` and `item_contexts`, in parts of
 * `contexts.partRows` rows by id.
 */
export const makeContexts: RunTask = async (task, context) => {
  const { contexts } = contextsConfig.parse(task.config);
  const { history, seed, partRows } = contexts;
  const db = await openDatabase(context);
  try {
    await mountTables(db, task.inputs, context.runDir);
    return [
      ...(await writeParts(db, "user_contexts", {}, partRows, context)),
      ...(await writeParts(db, "item_contexts", { history, seed }, partRows, context)),
    ];
  } finally {
    db.close();
  }
};

async function writeParts(
  db: Database,
  table: "user_contexts" | "item_contexts",
  params: SqlParams,
  partRows: number,
  context: TaskContext,
): Promise<readonly WrittenFile[]> {
  const id = table === "user_contexts" ? "user_id" : "item_id";
  await db.run(
    `create table all_${table} as select *, row_number() over (order by ${id}) - 1 as place from (\n${sqlFile(`contexts/${table}`)}\n)`,
    params,
  );
  const [counts] = await db.rows(`select count(*) as rows from all_${table}`);
  const rows = Number(counts?.["rows"]);
  const files: WrittenFile[] = [];
  for (let first = 0; first < rows; first += partRows) {
    context.signal.throwIfAborted();
    const select = `select * exclude (place) from all_${table} where place >= ${String(first)} and place < ${String(first + partRows)}`;
    files.push(await writeQuery(db, table, select, {}, context));
    context.progress({
      rowsDone: first + (files.at(-1)?.rows ?? 0),
      rowsTotal: rows,
      unit: table.replace("_", " "),
    });
  }
  await db.run(`drop table all_${table}`);
  return files;
}
