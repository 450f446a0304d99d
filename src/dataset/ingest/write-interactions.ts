import { rename, rm } from "node:fs/promises";
import type { TaskContext, WrittenFile } from "../../flow/task.ts";
import { checkSchema, describeQuery } from "../../tables/check-schema.ts";
import type { Database, SqlParams } from "../../tables/database.ts";
import { quote } from "../../tables/quote.ts";
import { sqlFile } from "../../tables/sql-file.ts";
import { writeQuery } from "../../tables/write-query.ts";
import { bucketRows } from "./bucket-rows.ts";

const interactions = "ingest/interactions";

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
  const bucket = `user_id % ${buckets}`;
  return writeBuckets(db, { table: "interactions", sql, params, buckets, bucket }, context);
}

export interface BucketsToWrite {
  readonly table: string;
  readonly sql: string;
  readonly params?: SqlParams;
  /** More than 1. */
  readonly buckets: number;
  /** SQL of a row's bucket, from 0. */
  readonly bucket: string;
}

/** Writes the rows of a query as one part per bucket that has any, unsorted, streamed and never buffered whole. */
export async function writeBuckets(
  db: Database,
  { table, sql, params = {}, buckets, bucket }: BucketsToWrite,
  context: Pick<TaskContext, "outputPath">,
): Promise<readonly WrittenFile[]> {
  checkSchema(table, await describeQuery(db, sql, params));
  const paths = Array.from({ length: buckets }, () => context.outputPath(table));
  const folder = `${context.outputPath(table)}.buckets`;
  try {
    return await db.onFork(async (own) => {
      await own.run(`set partitioned_write_max_open_files = ${buckets + 1}`);
      const flushRows = Math.max(524_288, gatheredRows * buckets);
      await own.run(`set partitioned_write_flush_threshold = ${flushRows}`);
      const parts = await own.rows(
        `copy (select *, ${bucket} as bucket from (\n${sql}\n)) to ${quote(folder)} ` +
          "(format parquet, compression zstd, compression_level 1, partition_by (bucket), return_stats true)",
        params,
      );
      return await Promise.all(parts.map((part) => takePart(table, part, paths)));
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Moves a file of the partitioned folder to the path of its bucket's part. */
async function takePart(
  table: string,
  part: Readonly<Record<string, unknown>>,
  paths: readonly string[],
): Promise<WrittenFile> {
  const written = String(part["filename"]);
  const bucket = Number(/bucket=(\d+)\/[^/]*$/.exec(written)?.[1]);
  const path = paths[bucket];
  if (path === undefined) throw new Error(`internal: ${written} is of no bucket`);
  await rename(written, path);
  return { table, path, rows: Number(part["count"]), bucket };
}
