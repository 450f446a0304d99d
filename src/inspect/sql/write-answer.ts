import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import type { Database } from "../../tables/database.ts";
import type { AnswerFormat } from "./answer-formats.ts";
import { capRows } from "./cap-rows.ts";
import { formatRows } from "./format-rows.ts";
import { queryRun, type QueryOptions } from "./query-run.ts";
import { writeParquet } from "./write-parquet.ts";

interface WriteOptions extends QueryOptions {
  /** Absolute; there is no such file yet. For Parquet the one that {@link openRun} was told of. */
  readonly path: string;
  readonly format: AnswerFormat;
  /** Infinity for every row. */
  readonly maxRows: number;
}

/**
 * Writes the answer of a statement that only reads into a file, in bounded memory.
 *
 * @returns Rows written
 * @throws As {@link queryRun} does; a system error when the file cannot be written
 */
export async function writeAnswer(
  db: Database,
  sql: string,
  { path, format, maxRows, ...query }: WriteOptions,
): Promise<number> {
  if (format === "parquet") return writeParquet(db, sql, { path, maxRows, ...query });
  const { answer, rowsSeen } = capRows(await queryRun(db, sql, query), maxRows);
  await pipeline(formatRows(answer, format), createWriteStream(path, { flags: "wx" }));
  return rowsSeen();
}
