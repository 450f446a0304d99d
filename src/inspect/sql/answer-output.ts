import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { FlowError } from "../../base/errors.ts";
import type { Database } from "../../tables/database.ts";
import { quote } from "../../tables/quote.ts";
import type { CsvOptions } from "../../tables/files/table-file.ts";
import { limitRows, type AnswerFormat, type QueryAnswer, type TextFormat } from "./answer.ts";
import { answerText } from "./answer-text.ts";
import { firstStatement } from "./first-statement.ts";
import { openQueryConnection, queryError } from "./query-connection.ts";
import { queryRun, type QueryOptions } from "./query-run.ts";
import { isExplain, readOnlyStatement } from "./read-only-statement.ts";

export interface ShowOptions extends CsvOptions {
  readonly format: TextFormat;
  readonly maxRows: number;
  /** How to see every row; part of the notice that rows were left out. */
  readonly cure: string;
  /** Writes pieces of text in order. */
  readonly print: (pieces: AsyncIterable<string>) => Promise<void>;
  /** Shows a notice outside the answer. */
  readonly say: (line: string) => void;
}

/**
 * Prints the first rows of an answer, with a notice if there are more.
 *
 * @returns Rows shown
 */
export async function showAnswer(answer: QueryAnswer, options: ShowOptions): Promise<number> {
  const { format, maxRows, cure, print, say, isForSpreadsheets } = options;
  const limited = limitRows(answer, maxRows);
  await print(answerText(limited.answer, format, { isForSpreadsheets }));
  if (limited.isCut()) {
    say(`only the first ${maxRows.toLocaleString("en-US")} rows are shown: ${cure}`);
  }
  return limited.rowsRead();
}

/**
 * Parses a row limit.
 *
 * @param option - The option it was given for, for the error message
 * @throws `CONFIG_INVALID` unless it is an integer >= 1
 */
export function readRowLimit(option: string, text: string): number {
  const rows = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(rows) && rows >= 1) return rows;
  throw new FlowError("CONFIG_INVALID", `${option}: expected an integer >= 1, got ${text}`);
}

interface WriteOptions extends QueryOptions, CsvOptions {
  /** Absolute path of a file that does not exist yet. For Parquet, one of the `outputs` of {@link withRun}. */
  readonly path: string;
  readonly format: AnswerFormat;
  /** Infinity for every row. */
  readonly maxRows: number;
}

/**
 * Writes the answer of a read-only statement to a file, in bounded memory.
 *
 * @returns Rows written
 * @throws As {@link queryRun} does; `SQL_FAILED` for EXPLAIN with Parquet; a system error when the file cannot be written
 */
export async function writeAnswer(
  db: Database,
  sql: string,
  options: WriteOptions,
): Promise<number> {
  const { path, format, maxRows, isForSpreadsheets, ...query } = options;
  if (format === "parquet") return writeParquet(db, sql, options);
  const { answer, rowsRead } = limitRows(await queryRun(db, sql, query), maxRows);
  const text = answerText(answer, format, { isForSpreadsheets });
  await pipeline(text, createWriteStream(path, { flags: "wx" }));
  return rowsRead();
}

/** DuckDB writes the file; rows do not pass through JavaScript. */
async function writeParquet(
  db: Database,
  sql: string,
  { path, maxRows, params, signal }: WriteOptions,
): Promise<number> {
  const { connection, checkReads, close } = await openQueryConnection(db, signal);
  try {
    await checkReads(sql);
    const whole = await readOnlyStatement(connection, sql);
    // Checked again in the form it is run in: between brackets, so without its semicolon.
    const statement = await readOnlyStatement(
      connection,
      firstStatement(whole)?.statement ?? whole,
    );
    if (isExplain(statement)) {
      throw new FlowError(
        "SQL_FAILED",
        "a query plan cannot be written as Parquet; remove EXPLAIN",
      );
    }
    const limit = Number.isFinite(maxRows) ? ` limit ${maxRows}` : "";
    const written = await connection.runAndReadAll(
      `copy (select * from (\n${statement}\n)${limit}) to ${quote(path)} ` +
        "(format parquet, compression zstd, compression_level 1, use_tmp_file false)",
      params && { ...params },
    );
    return Number(written.getRows()[0]?.[0]);
  } catch (error) {
    throw queryError(error, sql, signal);
  } finally {
    close();
  }
}
