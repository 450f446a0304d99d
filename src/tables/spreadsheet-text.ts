/** @file Cells of CSV that spreadsheets would run as formulas. */
import { describeQuery, isNumberType } from "./check-schema.ts";
import type { Database } from "./database.ts";
import { quote, quoteName } from "./quote.ts";

/** How a cell begins that a spreadsheet reads as a formula, or as a separator with a formula behind it. */
const formulaStart = String.raw`^[=+\-@\t\r\n]`;
/** Numbers may begin with a sign. */
const number = String.raw`^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$`;

const isFormula = new RegExp(formulaStart);
const isNumber = new RegExp(number);

/** A text as spreadsheets show it instead of running it: after an apostrophe, if it begins as formulas do and is no number. */
export function unlessFormula(text: string): string {
  return isFormula.test(text) && !isNumber.test(text) ? `'${text}` : text;
}

/** A query whose texts and column names are those of another one, each as {@link unlessFormula} gives it. */
export async function withoutFormulas(db: Database, sql: string): Promise<string> {
  const columns = await describeQuery(db, sql, {});
  const select = columns.map(({ name, type }) => {
    const column = quoteName(name);
    const text = `cast(${column} as varchar)`;
    const safe =
      `case when regexp_matches(${text}, ${quote(formulaStart)}) and not regexp_matches(${text}, ${quote(number)}) ` +
      `then '''' || ${text} else ${text} end`;
    return `${isNumberType(type) ? column : safe} as ${quoteName(unlessFormula(name))}`;
  });
  return `select ${select.join(", ")} from (\n${sql}\n)`;
}
