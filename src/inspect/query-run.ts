import { StatementType, type DuckDBConnection, type DuckDBResult } from "@duckdb/node-api";
import { FlowError, SqlError } from "../errors.ts";
import { toPlain, type Database } from "../tables/database.ts";

/** A query's answer, row by row. Rows come as plain JavaScript values in column order. */
export interface QueryAnswer {
  readonly columns: readonly string[];
  readonly rows: AsyncIterable<readonly unknown[]>;
}

const readingStatements = new Map<StatementType, string>([
  [StatementType.SELECT, "select"],
  [StatementType.EXPLAIN, "explain"],
  [StatementType.RELATION, "describe"],
]);

/**
 * Runs one statement that only reads.
 *
 * @throws `SQL_FAILED` for anything but SELECT, EXPLAIN, DESCRIBE, SHOW and SUMMARIZE, for more than one statement, and for what DuckDB refuses
 */
export async function queryRun(db: Database, sql: string): Promise<QueryAnswer> {
  const connection = await db.connect();
  try {
    await requireReading(connection, sql);
    const result = await connection.stream(sql);
    return { columns: result.columnNames(), rows: rowsOf(result, connection) };
  } catch (error) {
    connection.closeSync();
    throw error instanceof FlowError ? error : new SqlError("query", sql, error);
  }
}

async function requireReading(connection: DuckDBConnection, sql: string): Promise<void> {
  const statements = await connection.extractStatements(sql);
  if (statements.count !== 1) {
    throw new FlowError("SQL_FAILED", `expected one statement, got ${statements.count}`);
  }
  const { statementType } = await statements.prepare(0);
  if (readingStatements.has(statementType)) return;
  throw new FlowError(
    "SQL_FAILED",
    `${StatementType[statementType]} statements are not allowed: a run is read-only here. Use SELECT, EXPLAIN, DESCRIBE, SHOW or SUMMARIZE.`,
  );
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
