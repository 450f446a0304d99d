import type { DuckDBResult, DuckDBValue } from "@duckdb/node-api";
import { toPlain, type Database, type SqlParams } from "../../tables/database.ts";
import { duckdb } from "../../tables/duckdb.ts";
import { readingStatement } from "./reading-statement.ts";
import { connectStoppable, queryFailure } from "./stoppable.ts";

/** A query's answer. */
export interface QueryAnswer {
  readonly columns: readonly AnswerColumn[];
  /** Rows in blocks, as they come. Values are plain JavaScript in column order, timestamps text with all their microseconds. */
  readonly blocks: AsyncIterable<readonly AnswerRow[]>;
}

export type AnswerRow = readonly unknown[];

export interface AnswerColumn {
  /** As in the statement: two columns may have the same. */
  readonly name: string;
  readonly kind: "number" | "timestamp" | "other";
}

export interface QueryOptions {
  readonly params?: SqlParams | undefined;
  /** Stops the query, before and while its rows are read. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs one statement that only reads. Its blocks are to be read, or begun and left: that closes its connection.
 *
 * @throws `SQL_FAILED` for anything but SELECT, EXPLAIN, DESCRIBE, SHOW and SUMMARIZE, for more than one statement, and for what DuckDB
 *   refuses; `INTERRUPTED` when it was stopped. Reading the blocks throws the same.
 */
export async function queryRun(
  db: Database,
  sql: string,
  { params, signal }: QueryOptions = {},
): Promise<QueryAnswer> {
  const { connection, end } = await connectStoppable(db, signal);
  try {
    const statement = await readingStatement(connection, sql);
    const result = await connection.stream(statement, params && { ...params });
    return { columns: columnsOf(result), blocks: blocksOf(result, sql, signal, end) };
  } catch (error) {
    end();
    throw queryFailure(error, sql, signal);
  }
}

const numberType =
  /^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL\(\d+,\d+\)|BIGNUM)$/;

function columnsOf(result: DuckDBResult): readonly AnswerColumn[] {
  const types = result.columnTypes().map(String);
  return result.columnNames().map((name, index) => {
    const type = types[index] ?? "";
    if (numberType.test(type)) return { name, kind: "number" };
    return { name, kind: type === "TIMESTAMP" ? "timestamp" : "other" };
  });
}

async function* blocksOf(
  result: DuckDBResult,
  sql: string,
  signal: AbortSignal | undefined,
  end: () => void,
): AsyncGenerator<readonly AnswerRow[]> {
  try {
    for (;;) {
      const chunk = await result.fetchChunk();
      signal?.throwIfAborted();
      if (chunk === null || chunk.rowCount === 0) return;
      yield chunk.getRows().map((row) => row.map(toCell));
    }
  } catch (error) {
    throw queryFailure(error, sql, signal);
  } finally {
    end();
  }
}

function toCell(value: DuckDBValue): unknown {
  return value instanceof duckdb.DuckDBTimestampValue ? value.toString() : toPlain(value);
}
