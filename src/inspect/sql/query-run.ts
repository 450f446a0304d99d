import type { DuckDBResult, DuckDBValue } from "@duckdb/node-api";
import { isNumberType } from "../../tables/check-schema.ts";
import { toPlain, type Database, type SqlParams } from "../../tables/database.ts";
import { duckdb } from "../../tables/duckdb.ts";
import type { AnswerColumn, AnswerRow, QueryAnswer } from "./answer.ts";
import { openQueryConnection, queryError } from "./query-connection.ts";
import { readOnlyStatement } from "./read-only-statement.ts";

export interface QueryOptions {
  readonly params?: SqlParams | undefined;
  /** Stops the query, also while its rows are read. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs one read-only statement. Start iterating over the blocks, even if only to stop: the end of the iteration closes the
 * connection.
 *
 * @throws `SQL_FAILED` for anything but SELECT, EXPLAIN, DESCRIBE, SHOW and SUMMARIZE, for more than one statement, and for what
 *   DuckDB refuses; `INTERRUPTED` when it was stopped. Iterating over the blocks throws the same.
 */
export async function queryRun(
  db: Database,
  sql: string,
  { params, signal }: QueryOptions = {},
): Promise<QueryAnswer> {
  const { connection, checkReads, close } = await openQueryConnection(db, signal);
  try {
    await checkReads(sql);
    const statement = await readOnlyStatement(connection, sql);
    const result = await connection.stream(statement, params && { ...params });
    return { columns: columnsOf(result), blocks: blocksOf(result, sql, signal, close) };
  } catch (error) {
    close();
    throw queryError(error, sql, signal);
  }
}

function columnsOf(result: DuckDBResult): readonly AnswerColumn[] {
  const types = result.columnTypes().map(String);
  return result.columnNames().map((name, index) => {
    const type = types[index] ?? "";
    if (isNumberType(type)) return { name, kind: "number" };
    return { name, kind: type === "TIMESTAMP" ? "timestamp" : "other" };
  });
}

async function* blocksOf(
  result: DuckDBResult,
  sql: string,
  signal: AbortSignal | undefined,
  close: () => void,
): AsyncGenerator<readonly AnswerRow[]> {
  try {
    for (;;) {
      const chunk = await result.fetchChunk();
      signal?.throwIfAborted();
      if (chunk === null || chunk.rowCount === 0) return;
      yield chunk.getRows().map((row) => row.map(toCell));
    }
  } catch (error) {
    throw queryError(error, sql, signal);
  } finally {
    close();
  }
}

function toCell(value: DuckDBValue): unknown {
  return value instanceof duckdb.DuckDBTimestampValue ? value.toString() : toPlain(value);
}
