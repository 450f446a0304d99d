/** @file Every expected failure of r4ec. Anything else thrown is a bug and keeps its stack. */

/** The kind of failure; stable, so that callers can match on it. */
export type FlowErrorCode =
  | "CONFIG_INVALID"
  | "INPUT_INVALID"
  | "SQL_FAILED"
  | "SCHEMA_MISMATCH"
  | "STAGE_FAILED"
  | "AUDIT_FAILED"
  | "RUN_LOCKED"
  | "RUN_INVALID"
  | "STORE_FAILED"
  | "OUTPUT_FAILED"
  | "OUT_OF_MEMORY"
  | "DEPENDENCY_MISSING"
  | "PROVIDER_FAILED"
  | "BUDGET_SPENT"
  | "TOO_MANY_ERRORS"
  | "ANSWERS_PENDING"
  | "INTERRUPTED";

/** An expected failure. The command line prints `message` without a stack and exits with 1 or, for `CONFIG_INVALID`, 2. */
export class FlowError extends Error {
  override readonly name: string = "FlowError";
  readonly code: FlowErrorCode;

  constructor(code: FlowErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** A statement that DuckDB refused. Carries the SQL text, because the message rarely locates the fault. */
export class SqlError extends FlowError {
  override readonly name: string = "SqlError";
  readonly sql: string;

  constructor(where: string, sql: string, cause: unknown) {
    super("SQL_FAILED", `${where}: ${reasonOf(cause)}`, { cause });
    this.sql = sql;
  }
}

const outputErrors = new Set(["ENOSPC", "EDQUOT", "EFBIG", "EACCES", "EPERM", "EROFS"]);

/** Turns a system error about disk space, permissions or open files into an expected failure; returns anything else unchanged. */
export function asExpected(error: unknown): unknown {
  if (!(error instanceof Error && "code" in error)) return error;
  if (error.code === "EMFILE" || error.code === "ENFILE") {
    const cure =
      "Raise the limit with ulimit -n 4096 in the shell that starts r4ec, or use fewer --threads.";
    return new FlowError("OUTPUT_FAILED", `${error.message}. ${cure}`, { cause: error });
  }
  if (!outputErrors.has(String(error.code))) return error;
  const cure = "Free some space, fix the permissions, or choose another folder with --out.";
  return new FlowError("OUTPUT_FAILED", `${error.message}. ${cure}`, { cause: error });
}

/** The message of anything thrown. */
export function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
