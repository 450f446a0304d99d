/** @file Tables as single files, brought or taken by users: Parquet, CSV and JSON. */
import { access, rename } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { FlowError, reasonOf } from "../../base/errors.ts";
import { syncFile } from "../../base/files/durable-file.ts";
import { withTemporaryFolder } from "../../base/files/temporary-folder.ts";
import type { Column } from "../schemas/index.ts";
import { describeQuery } from "../check-schema.ts";
import type { Database } from "../database.ts";
import { literalPath } from "./literal-path.ts";
import { quote } from "../quote.ts";
import { withoutFormulas } from "./spreadsheet-text.ts";
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

/** How CSV is written. */
export interface CsvOptions {
  /** Whether cells that a spreadsheet would run as formulas get an apostrophe in front. Default: they are written as they are. */
  readonly isForSpreadsheets?: boolean | undefined;
}

const isCsv = (path: string): boolean => /\.csv$/i.test(path);

/**
 * Checks that {@link writeTableFile} can write a file of this name.
 *
 * @throws `CONFIG_INVALID` for any other ending
 */
export function requireWritable(
  path: string,
  { isForSpreadsheets = false }: CsvOptions = {},
): void {
  if (!/\.(parquet|csv)$/i.test(path)) {
    throw new FlowError(
      "CONFIG_INVALID",
      `--out ${path}: expected a name ending in .parquet or .csv; without --out it is Parquet`,
    );
  }
  if (isForSpreadsheets && !isCsv(path)) {
    throw new FlowError(
      "CONFIG_INVALID",
      `--safe-for-spreadsheets is for CSV: give --out a name ending in .csv instead of ${path}`,
    );
  }
}

/**
 * Writes a query's result atomically: as CSV when the name ends in .csv, else as Parquet. Creates the folder if missing, and deletes
 * there what killed processes left.
 *
 * @param path - Absolute
 * @returns Rows written
 */
export async function writeTableFile(
  db: Database,
  sql: string,
  path: string,
  { isForSpreadsheets = false }: CsvOptions = {},
): Promise<number> {
  const format = isCsv(path)
    ? "format csv, header"
    : "format parquet, compression zstd, compression_level 1";
  const write = async (folder: string): Promise<number> => {
    const attempt = join(folder, basename(path));
    const select = isCsv(path) && isForSpreadsheets ? await withoutFormulas(db, sql) : sql;
    const [copied] = await db.rows(`copy (\n${select}\n) to ${quote(attempt)} (${format})`);
    await syncFile(attempt);
    await rename(attempt, path);
    return Number(copied?.["Count"]);
  };
  try {
    return await withTemporaryFolder("export", write, dirname(path));
  } catch (error) {
    if (error instanceof FlowError && error.code !== "SQL_FAILED") throw error;
    throw new FlowError(
      "OUTPUT_FAILED",
      `${basename(path)}: cannot be written (${reasonOf(error)})`,
      { cause: error },
    );
  }
}
