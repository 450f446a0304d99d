import type { DuckDBConnection } from "@duckdb/node-api";
import { FlowError, SqlError } from "../../base/errors.ts";
import type { Database } from "../../tables/database.ts";
import { interruptOnAbort } from "../../tables/interrupt-on-abort.ts";
import { stageOfTable } from "../../tables/schemas/index.ts";

/** A connection whose queries a signal stops. */
interface Stoppable {
  readonly connection: DuckDBConnection;
  /** To be called once, when nothing runs on the connection any more. */
  readonly end: () => void;
}

export async function connectStoppable(db: Database, signal?: AbortSignal): Promise<Stoppable> {
  const { connection, close } = await db.connect();
  const release = interruptOnAbort(signal, () => {
    connection.interrupt();
  });
  return {
    connection,
    end: () => {
      release();
      close();
    },
  };
}

/** What to tell of a query that failed: `INTERRUPTED` when it was stopped, else `SQL_FAILED`, with the stage that makes a missing table. */
export function queryFailure(error: unknown, sql: string, signal?: AbortSignal): FlowError {
  if (signal?.aborted === true) return new FlowError("INTERRUPTED", "the query was stopped");
  if (error instanceof FlowError) return error;
  const failure = new SqlError("query", sql, error);
  const [, table = ""] = /Table with name (\w+) does not exist/.exec(failure.message) ?? [];
  const stage = stageOfTable(table);
  if (stage === undefined) return failure;
  return new FlowError(
    "SQL_FAILED",
    `query: this run has no table ${table} yet: the stage ${stage} makes it`,
    { cause: failure },
  );
}
