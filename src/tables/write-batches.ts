import type { RecordBatch } from "apache-arrow";
import type { TaskContext, WrittenFile } from "../flow/task.ts";
import type { Database } from "./database.ts";
import { dropStaged, stageBatches, type StageOptions } from "./stage-batches.ts";
import { writeQuery } from "./write-query.ts";

/**
 * Writes a stream of Arrow record batches as one Parquet part of a table, sorted as its schema declares.
 *
 * Columns are matched by name; see {@link stageBatches} for the types they may have.
 * DuckDB holds the part until it is complete, so a part should have thousands of rows, not millions.
 */
export async function writeBatches(
  db: Database,
  table: string,
  batches: AsyncIterable<RecordBatch> | Iterable<RecordBatch>,
  context: Pick<TaskContext, "outputPath">,
  options?: StageOptions,
): Promise<WrittenFile> {
  const staged = `staged_${table}`;
  await stageBatches(db, table, staged, batches, options);
  const file = await writeQuery(db, table, `select * from ${staged}`, {}, context);
  await dropStaged(db, staged);
  return file;
}
