import type { TaskContext, WrittenFile } from "../flow/task.ts";
import type { Database, SqlParams } from "./database.ts";
import { checkSchema, describeQuery } from "./check-schema.ts";
import { quote, quoteName } from "./quote.ts";

/**
 * Writes the result of a query as one Parquet part, in the order the table's schema declares.
 *
 * @throws `SCHEMA_MISMATCH` before anything is written when the query's columns are not the table's
 */
export async function writeQuery(
  db: Database,
  table: string,
  sql: string,
  params: SqlParams,
  context: Pick<TaskContext, "outputPath">,
): Promise<WrittenFile> {
  const { order } = checkSchema(table, await describeQuery(db, sql, params));
  const path = context.outputPath(table);
  const [stats] = await db.rows(
    `copy (select * from (\n${sql}\n) order by ${order.map(quoteName).join(", ")}) ` +
      `to ${quote(path)} (format parquet, compression zstd, return_stats true)`,
    params,
  );
  return { table, path, rows: Number(stats?.["count"]) };
}
