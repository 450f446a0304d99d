/** @file Errors that name a file of the source. */
import { FlowError, SqlError } from "../../../base/errors.ts";

/** A column to read, and the setting that names it, e.g. `dataset.columns.user`. */
export interface WantedColumn {
  readonly name: string;
  readonly setting: string;
  /** Whether a row may have several values, or fields. Default false. */
  readonly mayBeList?: boolean;
}

/** The error for a setting that names a column the file does not have. */
export function missingColumn(
  path: string,
  { name, setting }: WantedColumn,
  names: readonly string[],
): FlowError {
  const cure =
    setting === "dataset.columns.time"
      ? ". A log without times can be read in the order of its rows: --set dataset.columns.timeUnit=order"
      : "";
  return new FlowError(
    "INPUT_INVALID",
    `${setting}: ${path} has no column ${name}, only ${names.join(", ")}${cure}`,
  );
}

/** The error for a file that cannot be read, or not to its end. */
export function unreadableFile(path: string, error: unknown): FlowError {
  const reason = error instanceof SqlError ? error.message.replace(/^query: /, "") : String(error);
  const [first = ""] = reason.split("\n");
  return new FlowError(
    "INPUT_INVALID",
    `${path} cannot be read: ${first}\nFix or replace the file and run again.`,
    { cause: error },
  );
}
