import { rename, rm } from "node:fs/promises";
import type { TaskContext, WrittenFile } from "../../flow/task.ts";
import { checkSchema, describeQuery } from "../../tables/check-schema.ts";
import type { Database, SqlParams } from "../../tables/database.ts";
import { quote } from "../../tables/quote.ts";
import { sqlFile } from "../../tables/sql-file.ts";
import { writeQuery } from "../../tables/write-query.ts";

const interactions = "ingest/interactions";

/** Average number of interactions per bucket of users: what one task sorts in memory. */
const bucketRows = 5_000_000;

/** Rows a thread collects per bucket before writing them: fewer would give tiny row groups. */
const gatheredRows = 10_000;

/** Default number of buckets for a number of interactions: the same for equal data. */
export function bucketsFor(rows: number): number {
  return Math.max(1, Math.ceil(rows / bucketRows));
}

/**
 * Writes `interactions` from `source_interactions` in one pass: one part in file order or, with several buckets, one part per value of
 * `user_id % buckets`, unsorted, streamed and never buffered whole.
 *
 * @param params - Of the statement `ingest/interactions`
 * @param isSorted - Whether `source_interactions` is in file order already
 */
export async function writeInteractions(
  db: Database,
  params: SqlParams,
  { buckets, isSorted }: { readonly buckets: number; readonly isSorted: boolean },
  context: Pick<TaskContext, "outputPath">,
): Promise<readonly WrittenFile[]> {
  const sql = sqlFile(interactions);
  if (buckets === 1) {
    return [await writeQuery(db, "interactions", sql, params, context, { isSorted })];
  }
  checkSchema("interactions", await describeQuery(db, sql, params));
  const paths = Array.from({ length: buckets }, () => context.outputPath("interactions"));
  const folder = `${context.outputPath("interactions")}.buckets`;
  try {
    return await db.onFork(async (own) => {
      await own.run(`set partitioned_write_max_open_files = ${buckets + 1}`);
      const flushRows = Math.max(524_288, gatheredRows * buckets);
      await own.run(`set partitioned_write_flush_threshold = ${flushRows}`);
      const parts = await own.rows(
        `copy (select *, user_id % ${buckets} as bucket from (\n${sql}\n)) to ${quote(folder)} ` +
          "(format parquet, compression zstd, compression_level 1, partition_by (bucket), return_stats true)",
        params,
      );
      return await Promise.all(parts.map((part) => takePart(part, paths)));
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Moves a file of the partitioned folder to the path of its bucket's part. */
async function takePart(
  part: Readonly<Record<string, unknown>>,
  paths: readonly string[],
): Promise<WrittenFile> {
  const written = String(part["filename"]);
  const bucket = Number(/bucket=(\d+)\/[^/]*$/.exec(written)?.[1]);
  const path = paths[bucket];
  if (path === undefined) throw new Error(`internal: ${written} is of no bucket`);
  await rename(written, path);
  return { table: "interactions", path, rows: Number(part["count"]), bucket };
}
