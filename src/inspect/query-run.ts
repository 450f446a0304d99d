import type { DuckDBConnection, DuckDBResult } from "@duckdb/node-api";
import { FlowError, SqlError } from "../errors.ts";
import { duckdb } from "../tables/duckdb.ts";
import { toPlain, type Database } from "../tables/database.ts";

/** A query's answer, row by row. Rows come as plain JavaScript values in column order. */
export interface QueryAnswer {
  readonly columns: readonly string[];
  readonly rows: AsyncIterable<readonly unknown[]>;
}

/** How a reading statement starts. Checked before DuckDB sees it: it makes the folder of an EXPORT already to prepare it. */
const readingStart =
  /^[\s(]*(select|from|with|values|table|pivot|unpivot|describe|desc|show|summarize|explain)\b/i;
const explainStart = /^\s*explain\b\s*(analyze\b|\(\s*(analyze|format)\b[^)]*\))?/i;
const readingTypes = new Set([duckdb.StatementType.SELECT, duckdb.StatementType.RELATION]);
/** Functions that write files when a SELECT calls them. */
const writingFunction = /\b(enable_logging|enable_profiling)\b/i;

/**
 * Runs one statement that only reads.
 *
 * @throws `SQL_FAILED` for anything but SELECT, EXPLAIN, DESCRIBE, SHOW and SUMMARIZE, for more than one statement, and for what DuckDB refuses
 */
export async function queryRun(db: Database, sql: string): Promise<QueryAnswer> {
  const connection = await db.connect();
  try {
    const statement = withoutLeadingComments(sql);
    await requireReading(connection, statement);
    const result = await connection.stream(statement);
    return { columns: result.columnNames(), rows: rowsOf(result, connection) };
  } catch (error) {
    connection.closeSync();
    throw error instanceof FlowError ? error : new SqlError("query", sql, error);
  }
}

async function requireReading(connection: DuckDBConnection, sql: string): Promise<void> {
  if (sql.trim() === "") throw new FlowError("SQL_FAILED", "expected one statement, got none");
  if (!readingStart.test(sql)) throw notAllowed(/\S+/.exec(sql)?.[0] ?? "");
  const [writer] = writingFunction.exec(sql) ?? [];
  if (writer !== undefined) throw notAllowed(writer);
  // EXPLAIN ANALYZE runs what it explains.
  const explained = sql.replace(explainStart, "");
  if (explained !== sql) return requireReading(connection, explained);
  const statements = await connection.extractStatements(sql);
  if (statements.count !== 1) {
    throw new FlowError("SQL_FAILED", `expected one statement, got ${statements.count}`);
  }
  const { statementType } = await statements.prepare(0);
  if (!readingTypes.has(statementType)) throw notAllowed(duckdb.StatementType[statementType]);
}

function notAllowed(what: string): FlowError {
  return new FlowError(
    "SQL_FAILED",
    `${what.toUpperCase()} is not allowed: a run is read-only here. Use SELECT, EXPLAIN, DESCRIBE, SHOW or SUMMARIZE.`,
  );
}

function withoutLeadingComments(sql: string): string {
  const rest = sql.trimStart().replace(/^--[^\r\n]*|^\/\*[^]*?\*\//, "");
  return rest === sql ? sql : withoutLeadingComments(rest);
}

async function* rowsOf(
  result: DuckDBResult,
  connection: DuckDBConnection,
): AsyncGenerator<readonly unknown[]> {
  try {
    for (;;) {
      const chunk = await result.fetchChunk();
      if (chunk === null || chunk.rowCount === 0) return;
      for (const row of chunk.getRows()) yield row.map(toPlain);
    }
  } finally {
    connection.closeSync();
  }
}
