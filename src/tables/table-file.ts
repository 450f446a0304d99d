/** @file Tables as single files, brought or taken by users: Parquet, CSV and JSON. */
import { randomUUID } from "node:crypto";
import { access, mkdir, rename, rm } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { FlowError, reasonOf } from "../base/errors.ts";
import type { Column } from "./schemas/index.ts";
import { describeQuery } from "./check-schema.ts";
import type { Database } from "./database.ts";
import { literalPath } from "./literal-path.ts";
import { quote } from "./quote.ts";
import { unreadableFile } from "./read-fault.ts";

/** Functions that read a table, by the ending of the file's name. */
const readers: readonly (readonly [RegExp, string])[] = [
  [/\.parquet$/i, "read_parquet"],
  [/\.(csv|tsv)(\.gz)?$/i, "read_csv"],
  [/\.(json|jsonl|ndjson)(\.gz)?$/i, "read_json"],
];

/** A file that can be queried. */
export interface TableFile {
  /** The source to put after `from`. Rows keep the file's order if the database preserves insertion order. */
  readonly source: string;
  readonly columns: readonly Pick<Column, "name" | "type">[];
}

/**
 * Opens a Parquet, CSV, TSV, JSON or JSON lines file, chosen by the name's ending. Text files may be gzipped.
 *
 * @param path - Absolute
 * @param asWritten - Columns that a CSV or TSV file gives as the texts it holds, such as ids: 007 stays 007
 * @throws `INPUT_INVALID` naming the file when it is missing, of another kind, or unreadable
 */
export async function openTableFile(
  db: Database,
  path: string,
  asWritten: readonly string[] = [],
): Promise<TableFile> {
  const reader = readers.find(([ending]) => ending.test(path))?.[1];
  if (reader === undefined) {
    throw new FlowError(
      "INPUT_INVALID",
      `${path}: expected a name ending in .parquet, .csv, .tsv, .json, .jsonl or .ndjson, the last five also with .gz; convert or rename it`,
    );
  }
  const open = async (options = ""): Promise<TableFile> => {
    const source = `${reader}(${literalPath(path)}, hive_partitioning = false${options})`;
    return { source, columns: await describeQuery(db, `select * from ${source}`, {}) };
  };
  try {
    await access(path);
    const opened = await open();
    const texts = opened.columns.filter(({ name }) => asWritten.includes(name));
    if (reader !== "read_csv" || texts.length === 0) return opened;
    const types = texts.map(({ name }) => `${quote(name)}: 'VARCHAR'`);
    return await open(`, types = {${types.join(", ")}}`);
  } catch (error) {
    throw unreadableFile(path, error);
  }
}

/**
 * Checks that {@link writeTableFile} can write a file of this name.
 *
 * @throws `CONFIG_INVALID` for any other ending
 */
export function requireWritable(path: string): void {
  if (/\.(parquet|csv)$/i.test(path)) return;
  throw new FlowError(
    "CONFIG_INVALID",
    `--out ${path}: expected a name ending in .parquet or .csv; without --out it is Parquet`,
  );
}

/**
 * Writes a query's result atomically: as CSV when the name ends in .csv, else as Parquet. Creates the folder if missing.
 *
 * @param path - Absolute
 * @returns Rows written
 */
export async function writeTableFile(db: Database, sql: string, path: string): Promise<number> {
  const attempt = `${path}.${randomUUID().slice(0, 8)}.tmp`;
  const format = /\.csv$/i.test(path)
    ? "format csv, header"
    : "format parquet, compression zstd, compression_level 1";
  try {
    await mkdir(dirname(path), { recursive: true });
    const [copied] = await db.rows(`copy (\n${sql}\n) to ${quote(attempt)} (${format})`);
    await rename(attempt, path);
    return Number(copied?.["Count"]);
  } catch (error) {
    await rm(attempt, { force: true }).catch(() => undefined); // it may not exist; `error` is the cause
    if (error instanceof FlowError && error.code !== "SQL_FAILED") throw error;
    throw new FlowError(
      "OUTPUT_FAILED",
      `${basename(path)}: cannot be written (${reasonOf(error)})`,
      { cause: error },
    );
  }
}
