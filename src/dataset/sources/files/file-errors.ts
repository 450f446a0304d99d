/** @file Errors that name a file of the source. */
import { FlowError } from "../../../base/errors.ts";

/** Most characters of a list of columns: a file may have thousands. */
const shownNames = 1000;

/** The files of an error: the first, and how many more there are. */
export function namesOf(files: readonly { readonly path: string }[]): string {
  const [first, ...others] = files;
  return `${first?.path ?? ""}${others.length === 0 ? "" : ` and ${others.length} more`}`;
}

/** A column to read, and the setting that names it, e.g. `dataset.columns.user`. */
export interface WantedColumn {
  readonly name: string;
  readonly setting: string;
  /** Whether a row may have several values, or fields. Default false. */
  readonly mayBeList?: boolean;
  /** What its numbers are, where a rounded one is another: ids, times, or times in days. */
  readonly numbers?: "ids" | "times" | "days";
}

/** The error for a setting that names a column the file does not have. */
export function missingColumn(
  path: string,
  { name, setting }: WantedColumn,
  names: readonly string[],
  hint = "",
): FlowError {
  const cure =
    setting === "dataset.columns.time"
      ? ". A log without times can be read in the order of its rows: --set dataset.columns.timeUnit=order"
      : "";
  return new FlowError(
    "INPUT_INVALID",
    `${setting}: ${path} has no column ${name}, only ${names.join(", ").slice(0, shownNames)}${hint}${cure}`,
  );
}
