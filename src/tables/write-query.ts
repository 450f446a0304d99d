import type { TaskContext, WrittenFile } from "../flow/task.ts";
import { checkSchema, describeQuery } from "./check-schema.ts";
import type { Database, SqlParams } from "./database.ts";
import { quote, quoteName } from "./quote.ts";

export interface WriteQueryOptions {
  /** The rows are already in the schema's order and the database preserves insertion order, so no sort is needed. Default false. */
  readonly isSorted?: boolean;
}

/**
 * Writes the result of a query as one Parquet part, sorted as the table's schema declares.
 * Calls may run concurrently: each uses its own connection.
 *
 * @throws `SCHEMA_MISMATCH`, before anything is written, when the query's columns are not the table's
 */
export async function writeQuery(
  db: Database,
  table: string,
  sql: string,
  params: SqlParams,
  context: Pick<TaskContext, "outputPath">,
  { isSorted = false }: WriteQueryOptions = {},
): Promise<WrittenFile> {
  return db.onFork(async (own) => {
    const { order } = checkSchema(table, await describeQuery(own, sql, params));
    const orderBy = isSorted ? "" : ` order by ${order.map(quoteName).join(", ")}`;
    const path = context.outputPath(table);
    const [stats] = await own.rows(
      `copy (select * from (\n${sql}\n)${orderBy}) ` +
        `to ${quote(path)} (format parquet, compression zstd, compression_level 1, return_stats true)`,
      params,
    );
    return { table, path, rows: Number(stats?.["count"]) };
  });
}
