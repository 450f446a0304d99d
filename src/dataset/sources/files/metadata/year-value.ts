import { FlowError } from "../../../../base/errors.ts";
import type { Database } from "../../../../tables/database.ts";
import type { SourceFile } from "../find-files.ts";
import { namesOf } from "../file-errors.ts";

/** First and last year that counts as one: others are epochs, counters, or marks for a missing year such as 9999. */
const [firstYear, lastYear] = [1000, 2100] as const;

/**
 * SQL of the release year in a column of any type, as SMALLINT; null where there is none. A number is a year, or a date written as
 * YYYYMM or YYYYMMDD; of any other text, the first four digits that stand alone count. An epoch is no year.
 */
export function yearValue(column: string): string {
  const text = `trim(cast(${column} as varchar))`;
  const number = `regexp_full_match(${text}, '[-+]?[0-9]*[.]?[0-9]+([eE][-+]?[0-9]+)?')`;
  const day = "(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])?";
  const ofNumber = `regexp_extract(${text}, '^([0-9]{4})(${day})?([.]0*)?$', 1)`;
  const ofText = `coalesce(nullif(regexp_extract(${text}, '^([0-9]{4})${day}[^0-9]', 1), ''), regexp_extract(${text}, '(?:^|[^0-9])([12][0-9]{3})(?:[^0-9]|$)', 1))`;
  const year = `try_cast(nullif(if(${number}, ${ofNumber}, ${ofText}), '') as smallint)`;
  return `case when ${year} between ${firstYear} and ${lastYear} then ${year} end`;
}

/**
 * Checks that the column of the release year holds years: some value of `items_raw`, if it has any, must give one in `items_checked`.
 *
 * @throws `INPUT_INVALID` naming the column and its first value
 */
export async function refuseLostYears(
  db: Database,
  column: string,
  files: readonly SourceFile[],
): Promise<void> {
  const [found] = await db.rows(
    "select any_value(cast(c2 as varchar)) as value, (select count(year) from items_checked) as years from items_raw",
  );
  const value = found?.["value"];
  if (typeof value !== "string" || found?.["years"] !== 0) return;
  throw new FlowError(
    "INPUT_INVALID",
    `dataset.items.year: no value of column ${column} in ${namesOf(files)} is a year from ${firstYear} to ${lastYear} or a date, such as ${value}; ` +
      "name another column, write dates such as 1999-12-31, or leave the setting out",
  );
}
