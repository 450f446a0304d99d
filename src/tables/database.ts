import { mkdir } from "node:fs/promises";
import type { DuckDBConnection, DuckDBValue } from "@duckdb/node-api";
import { hasCode } from "../base/files/durable-file.ts";
import { SqlError } from "../base/errors.ts";
import { duckdb } from "./duckdb.ts";
import { interruptOnAbort } from "./interrupt-on-abort.ts";

/** Values for a statement's `$name` parameters; every name must occur in the statement. */
export type SqlParams = Readonly<Record<string, string | number | boolean | null>>;

/** One result row as plain JavaScript: lists as arrays, maps and structs as objects, timestamps as `Date`. */
export type Row = Record<string, unknown>;

export interface DatabaseOptions {
  readonly threads: number;
  /** DuckDB's memory limit in MiB; queries that exceed it spill to `tempDir`. */
  readonly memoryMb: number;
  /** Created if missing; its parent must exist. */
  readonly tempDir: string;
  /** Stops running statements, and fails all later ones. */
  readonly signal?: AbortSignal;
}

/** A separate connection. */
export interface OwnConnection {
  readonly connection: DuckDBConnection;
  /** Runs part of a statement's work and converts its errors to the database's. */
  readonly attempt: <T>(sql: string, work: () => Promise<T>) => Promise<T>;
  readonly close: () => void;
}

/**
 * An in-memory DuckDB, which downloads nothing by itself. Errors are {@link SqlError}s that carry the statement or, once the signal
 * has aborted, the abort's reason.
 */
export interface Database {
  readonly run: (sql: string, params?: SqlParams) => Promise<void>;
  /** The whole result in memory: only for small results, use `readBatches` for others. */
  readonly rows: (sql: string, params?: SqlParams) => Promise<readonly Row[]>;
  /** Opens another connection. A stream needs its own, because a second query on a connection ends its open stream. */
  readonly connect: () => Promise<OwnConnection>;
  /** Runs `use` on the same database over its own connection, for concurrent statements; closes the connection afterwards. */
  readonly onFork: <T>(use: (own: Database) => Promise<T>) => Promise<T>;
  readonly close: () => void;
}

export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  await mkdir(options.tempDir).catch((error: unknown) => {
    if (!hasCode(error, "EEXIST")) throw error;
  });
  const instance = await duckdb.DuckDBInstance.create(":memory:", {
    threads: String(options.threads),
    memory_limit: `${String(options.memoryMb)}MiB`,
    temp_directory: options.tempDir,
    preserve_insertion_order: "false",
    autoinstall_known_extensions: "false", // DuckDB would download them from its maker's server
  });
  const open = new Set<DuckDBConnection>();
  const connect = async (): Promise<OwnConnection> => {
    const connection = await instance.connect();
    open.add(connection);
    return {
      connection,
      attempt: async (sql, work) => {
        try {
          const done = await work();
          options.signal?.throwIfAborted(); // an interrupted stream looks as if it had no more rows
          return done;
        } catch (error) {
          options.signal?.throwIfAborted();
          throw new SqlError(/^-- (\S+):/m.exec(sql)?.[1] ?? "query", sql, error);
        }
      },
      close: () => {
        open.delete(connection);
        connection.closeSync();
      },
    };
  };
  const own = await connect();
  const release = interruptOnAbort(options.signal, () => {
    for (const connection of open) connection.interrupt();
  });
  return onConnection(connect, {
    ...own,
    close: () => {
      release();
      own.close();
      instance.closeSync();
    },
  });
}

/** Runs `use` on a database and closes it whatever happens. */
export async function withDatabase<T>(
  options: DatabaseOptions,
  use: (db: Database) => Promise<T>,
): Promise<T> {
  const db = await openDatabase(options);
  try {
    return await use(db);
  } finally {
    db.close();
  }
}

function onConnection(
  connect: Database["connect"],
  { connection, attempt, close }: OwnConnection,
): Database {
  return {
    run: async (sql, params) => {
      await attempt(sql, () => connection.run(sql, params && { ...params }));
    },
    rows: async (sql, params) => {
      const reader = await attempt(sql, () =>
        connection.runAndReadAll(sql, params && { ...params }),
      );
      return reader.getRowObjects().map((row) => toPlainObject(row));
    },
    connect,
    onFork: async (use) => {
      const own = await connect();
      try {
        return await use(onConnection(connect, own));
      } finally {
        own.close();
      }
    },
    close,
  };
}

function toPlainObject(row: Readonly<Record<string, DuckDBValue>>): Row {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, toPlain(value)]));
}

/** A DuckDB value as plain JavaScript. Integers beyond 2^53 stay `bigint`. */
export function toPlain(value: DuckDBValue): unknown {
  if (typeof value === "bigint") {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }
  if (value instanceof duckdb.DuckDBListValue || value instanceof duckdb.DuckDBArrayValue) {
    return value.items.map(toPlain);
  }
  if (value instanceof duckdb.DuckDBMapValue) {
    return Object.fromEntries(
      value.entries.map((entry) => [String(toPlain(entry.key)), toPlain(entry.value)]),
    );
  }
  if (value instanceof duckdb.DuckDBStructValue) return toPlainObject(value.entries);
  if (value instanceof duckdb.DuckDBTimestampValue) return new Date(Number(value.micros / 1000n));
  if (value instanceof duckdb.DuckDBDecimalValue) return value.toDouble();
  // Dates, times, intervals and other classes: as DuckDB prints them.
  return value instanceof Object ? String(value) : value;
}
