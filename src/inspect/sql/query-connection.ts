import type { DuckDBConnection } from "@duckdb/node-api";
import { FlowError, SqlError } from "../../base/errors.ts";
import type { Database } from "../../tables/database.ts";
import { interruptOnAbort } from "../../tables/interrupt-on-abort.ts";
import { stageOfTable } from "../../tables/schemas/index.ts";

/** A connection whose queries a signal stops. */
interface QueryConnection {
  readonly connection: DuckDBConnection;
  /** Checks the parts of the tables that a statement names. @throws `RUN_INVALID` for a damaged one */
  readonly checkReads: (sql: string) => Promise<void>;
  /** To be called once, after the last query has ended. */
  readonly close: () => void;
}

/** Opens a connection of its own, so that a signal stops this query and no other. */
export async function openQueryConnection(
  db: Database,
  signal?: AbortSignal,
): Promise<QueryConnection> {
  const { connection, attempt, close } = await db.connect();
  const release = interruptOnAbort(signal, () => {
    connection.interrupt();
  });
  return {
    connection,
    checkReads: (sql) => attempt(sql, () => Promise.resolve()),
    close: () => {
      release();
      close();
    },
  };
}

/** The error of a failed query: `INTERRUPTED` if it was stopped, otherwise `SQL_FAILED`, naming the stage that makes a missing table. */
export function queryError(error: unknown, sql: string, signal?: AbortSignal): FlowError {
  if (signal?.aborted === true) return new FlowError("INTERRUPTED", "the query was stopped");
  if (error instanceof FlowError) return error;
  const failure = new SqlError("query", sql, error);
  // What the statement itself says with error().
  const [, said] = /\berror\(/.test(sql)
    ? (/Invalid Input Error: (.*)/s.exec(failure.message) ?? [])
    : [];
  if (said !== undefined) return new FlowError("SQL_FAILED", said, { cause: failure });
  const [, table = ""] = /Table with name (\w+) does not exist/.exec(failure.message) ?? [];
  const stage = stageOfTable(table);
  if (stage === undefined) return failure;
  return new FlowError(
    "SQL_FAILED",
    `query: this run has no table ${table} yet: the stage ${stage} makes it`,
    { cause: failure },
  );
}
