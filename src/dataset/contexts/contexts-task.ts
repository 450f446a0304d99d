import { z } from "zod";
import { bucketOf, bucketsOf, type Catalog } from "../../flow/stage.ts";
import type { RunTask, TaskContext, WrittenFile } from "../../flow/task.ts";
import { type Database, type SqlParams, withDatabase } from "../../tables/database.ts";
import { mountTables } from "../../tables/mount-tables.ts";
import { sqlFile } from "../../tables/sql-file.ts";
import { writeQuery } from "../../tables/write-query.ts";
import { narrowTimeline } from "./narrow-timeline.ts";
import { contextsSettings } from "../settings.ts";

const contextsConfig = z.object({ contexts: contextsSettings });
type ContextsConfig = z.infer<typeof contextsConfig>["contexts"];

/** What a task makes: contexts of one bucket's users, contexts of items or, without buckets, both. */
const contextsParams = z.union([
  z.strictObject({ subject: z.literal("user"), bucket: z.int() }),
  z.strictObject({ subject: z.literal("item") }),
  z.strictObject({}),
]);

/**
 * Chooses what the actor reads about each user and item: writes `user_contexts` and `item_contexts`, in parts of `contexts.partRows`
 * rows, sorted by id.
 */
export const makeContexts: RunTask = async (task, context) => {
  const { contexts } = contextsConfig.parse(task.config);
  const params = contextsParams.parse(task.params);
  return withDatabase(context, async (db) => {
    await mountTables(db, task.inputs, context.runDir);
    if (!("subject" in params)) {
      return [
        ...(await writeParts(db, "user_contexts", {}, contexts, context)),
        ...(await writeItems(db, [task.inputs], contexts, context)),
      ];
    }
    if (params.subject === "item") {
      const parts = bucketsOf(task.inputs).map((bucket) => bucketOf(task.inputs, bucket));
      return await writeItems(db, parts, contexts, context);
    }
    const { bucket } = params;
    const files = await writeParts(db, "user_contexts", {}, contexts, context);
    return files.map((file) => ({ ...file, bucket }));
  });
};

/** Approximate number of items whose contexts are built at a time: about 500 MB with histories of 10. */
const itemsAtOnce = 100_000;

/** Writes `item_contexts` from a timeline of one or more parts. */
async function writeItems(
  db: Database,
  parts: readonly Catalog[],
  contexts: ContextsConfig,
  context: TaskContext,
): Promise<readonly WrittenFile[]> {
  const { history, seed } = contexts;
  if (parts.length > 1) await narrowTimeline(db, parts, contexts, context);
  else await db.run(`create table candidates as ${sqlFile("contexts/item_candidates")}`, { seed });
  // A multiple of partRows, so that the number of items built at a time does not change the parts.
  const range_items = Math.ceil(itemsAtOnce / contexts.partRows) * contexts.partRows;
  const files: WrittenFile[] = [];
  for (const range of await db.rows(sqlFile("contexts/item_ranges"), { range_items })) {
    const [first_item, last_item] = [Number(range["first_item"]), Number(range["last_item"])];
    const params = { history, first_item, last_item };
    files.push(...(await writeParts(db, "item_contexts", params, contexts, context)));
  }
  return files;
}

async function writeParts(
  db: Database,
  table: "user_contexts" | "item_contexts",
  params: SqlParams,
  { partRows }: Pick<ContextsConfig, "partRows">,
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
