/** @file Cells of CSV that spreadsheets would run as formulas. */
import { describeQuery, isNumberType } from "../check-schema.ts";
import type { Database } from "../database.ts";
import { quote, quoteName } from "../quote.ts";

/** The beginning of a cell that a spreadsheet reads as a formula, or as a separator with a formula behind it. */
const formulaStart = String.raw`^[=+\-@\t\r\n]`;
/** Numbers may begin with a sign. */
const number = String.raw`^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$`;

const isFormula = new RegExp(formulaStart);
const isNumber = new RegExp(number);

/** A text that spreadsheets show and do not run: with an apostrophe before it, if it begins like a formula and is not a number. */
export function unlessFormula(text: string): string {
  return isFormula.test(text) && !isNumber.test(text) ? `'${text}` : text;
}

/** The same query with every text and column name made safe, as by {@link unlessFormula}. */
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
