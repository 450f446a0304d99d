/** @file Columns whose values show that another setting, or another export, is meant. */
import { FlowError } from "../../../../base/errors.ts";
import type { Database } from "../../../../tables/database.ts";
import { namesOf } from "../file-errors.ts";
import type { SourceFile } from "../find-files.ts";

/** A column of a view, and where it comes from. */
interface CheckedColumn {
  /** In the view. */
  readonly column: string;
  /** In the files. */
  readonly name: string;
  readonly setting: string;
  readonly files: readonly SourceFile[];
}

/**
 * Checks that ids, which are texts, are none that a spreadsheet has cut, such as 1.23E+15.
 *
 * @throws `INPUT_INVALID` naming the column, how many there are, and the first
 */
export async function refuseCutIds(
  db: Database,
  view: string,
  { column, name, setting, files }: CheckedColumn,
): Promise<void> {
  const [found] = await db.rows(
    `select count(*) as ids, any_value(${column}) as first from ${view} ` +
      `where contains(${column}, 'E+') and regexp_full_match(${column}, '-?[0-9]([.,][0-9]+)?E[+][0-9]{2,3}')`,
  );
  if (Number(found?.["ids"]) === 0) return;
  throw new FlowError(
    "INPUT_INVALID",
    `${setting}: column ${name} of ${namesOf(files)} holds ${Number(found?.["ids"]).toLocaleString("en")} ids such as ${String(found?.["first"])}: ` +
      "a spreadsheet such as Excel has cut their digits, and several ids may have become one; export the ids again as texts",
  );
}

/**
 * Checks that a column of ratings does not hold true and false.
 *
 * @throws `INPUT_INVALID` naming the setting to use instead
 */
export async function refuseBooleanRatings(
  db: Database,
  view: string,
  { column, type, name, setting, files }: CheckedColumn & { readonly type: string },
): Promise<void> {
  if (type !== "BOOLEAN") {
    if (type !== "VARCHAR") return;
    const [found] = await db.rows(
      `select count(${column}) as rows, count(*) filter (lower(${column}) in ('true', 'false')) as booleans from ${view}`,
    );
    if (found?.["rows"] === 0 || found?.["rows"] !== found?.["booleans"]) return;
  }
  throw new FlowError(
    "INPUT_INVALID",
    `${setting}: column ${name} of ${namesOf(files)} holds true and false, which are no ratings; give it as dataset.columns.label instead`,
  );
}
