import type { DuckDBConnection } from "@duckdb/node-api";
import { FlowError } from "../../base/errors.ts";
import { duckdb } from "../../tables/duckdb.ts";

/** First word of a read-only statement. Checked before DuckDB sees the text: preparing an EXPORT already makes its folder. */
const readOnlyStart =
  /^[\s(]*(select|from|with|values|table|pivot|unpivot|describe|desc|show|summarize|explain)\b/i;
const explainStart = /^\s*explain\b\s*(analyze\b|\(\s*(analyze|format)\b[^)]*\))?/i;
const readOnlyTypes = new Set([duckdb.StatementType.SELECT, duckdb.StatementType.RELATION]);
/** Functions that write files when a SELECT calls them. */
const writingFunction = /\b(enable_logging|enable_profiling)\b/i;

/**
 * Checks that a statement is read-only. Returns its text without leading comments.
 *
 * @throws `SQL_FAILED` for anything but SELECT, EXPLAIN, DESCRIBE, SHOW and SUMMARIZE, and for more than one statement; DuckDB's error
 *   when it cannot parse it
 */
export async function readOnlyStatement(
  connection: DuckDBConnection,
  sql: string,
): Promise<string> {
  const statement = withoutLeadingComments(sql);
  await requireReadOnly(connection, statement);
  return statement;
}

/** Whether a statement asks for a plan instead of an answer. */
export function isExplain(statement: string): boolean {
  return explainStart.test(statement);
}

async function requireReadOnly(connection: DuckDBConnection, sql: string): Promise<void> {
  if (sql.trim() === "") throw new FlowError("SQL_FAILED", "expected one statement, got none");
  if (!readOnlyStart.test(sql)) throw notAllowed(/\S+/.exec(sql)?.[0] ?? "");
  const [writer] = writingFunction.exec(sql) ?? [];
  if (writer !== undefined) throw notAllowed(writer);
  // EXPLAIN ANALYZE runs what it explains.
  const explained = sql.replace(explainStart, "");
  if (explained !== sql) return requireReadOnly(connection, explained);
  const statements = await connection.extractStatements(sql);
  if (statements.count !== 1) {
    throw new FlowError("SQL_FAILED", `expected one statement, got ${statements.count}`);
  }
  const { statementType } = await statements.prepare(0);
  if (!readOnlyTypes.has(statementType)) throw notAllowed(duckdb.StatementType[statementType]);
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
