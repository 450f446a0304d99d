import { rename, rm } from "node:fs/promises";
import type { TaskContext, WrittenFile } from "../../flow/task.ts";
import { checkSchema, describeQuery } from "../../tables/check-schema.ts";
import type { Database, SqlParams } from "../../tables/database.ts";
import { quote } from "../../tables/quote.ts";
import { sqlFile } from "../../tables/sql-file.ts";
import { writeQuery } from "../../tables/write-query.ts";

const interactions = "ingest/interactions";

/** Interactions a bucket of users holds on average: what one task sorts in memory. */
const bucketRows = 5_000_000;

/** Rows that a thread gathers for a bucket before it writes them: fewer would make row groups of a few rows. */
const gatheredRows = 10_000;

/** In how many buckets of users so many interactions are kept, where the settings do not say: the same for equal data. */
export function bucketsFor(rows: number): number {
  return Math.max(1, Math.ceil(rows / bucketRows));
}

/**
 * Writes `interactions` from `source_interactions` in one pass: whole and in file order or, with several buckets, a part for each
 * `user_id % buckets` that has rows, whose rows stand in no order and are held by nobody.
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

/** Moves a file of the partitioned folder to where its bucket's part belongs. */
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
