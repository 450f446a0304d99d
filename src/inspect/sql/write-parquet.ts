import { FlowError } from "../../base/errors.ts";
import type { Database } from "../../tables/database.ts";
import { quote } from "../../tables/quote.ts";
import { cutStatement } from "./cut-statement.ts";
import type { QueryOptions } from "./query-run.ts";
import { isExplain, readingStatement } from "./reading-statement.ts";
import { connectStoppable, queryFailure } from "./stoppable.ts";

interface ParquetOptions extends QueryOptions {
  /** Absolute; the file that {@link openRun} was told of. */
  readonly path: string;
  /** Infinity for every row. */
  readonly maxRows: number;
}

/**
 * Writes the answer of a statement that only reads as a Parquet file; its rows do not pass through JavaScript.
 *
 * @returns Rows written
 * @throws As {@link queryRun} does, and `SQL_FAILED` for EXPLAIN, whose answer is a plan
 */
export async function writeParquet(
  db: Database,
  sql: string,
  { path, maxRows, params, signal }: ParquetOptions,
): Promise<number> {
  const { connection, end } = await connectStoppable(db, signal);
  try {
    const whole = await readingStatement(connection, sql);
    // Judged again as it is run: in brackets, where it may have no semicolon.
    const statement = await readingStatement(connection, cutStatement(whole)?.statement ?? whole);
    if (isExplain(statement)) {
      throw new FlowError("SQL_FAILED", "a plan cannot be written as Parquet; leave EXPLAIN out");
    }
    const limit = Number.isFinite(maxRows) ? ` limit ${maxRows}` : "";
    const written = await connection.runAndReadAll(
      `copy (select * from (\n${statement}\n)${limit}) to ${quote(path)} ` +
        "(format parquet, compression zstd, compression_level 1, use_tmp_file false)",
      params && { ...params },
    );
    return Number(written.getRows()[0]?.[0]);
  } catch (error) {
    throw queryFailure(error, sql, signal);
  } finally {
    end();
  }
}
