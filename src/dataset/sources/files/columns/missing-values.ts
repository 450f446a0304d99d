import { quote } from "../../../../tables/quote.ts";
import { isFloating } from "./column-type.ts";

/** Texts that programs write for a missing value, and that therefore are one unless the settings say otherwise. */
export const missingMarks: readonly string[] = [
  ...["", "NA", "N/A", "NULL", "null", "None", "nan", "NaN", "\\N"],
  "__HIVE_DEFAULT_PARTITION__",
];

/** White space around a value: blanks, tabs, no-break and wide spaces. */
const space = [" ", "\t", "\u00A0", "\u3000"] as const;

/**
 * SQL of a column, null where its value is missing. Texts are without the white space around them.
 *
 * @param marks - Texts that stand for a missing value; nan also stands for the number of that name
 */
export function presentValue(column: string, type: string, marks: readonly string[]): string {
  if (isFloating(type)) {
    const isMark = marks.some((mark) => mark.toLowerCase() === "nan");
    return isMark ? `if(isnan(${column}), null, ${column})` : column;
  }
  if (type !== "VARCHAR") return column;
  const text = trimmed(column);
  if (marks.length === 0) return text;
  return `if(${isOneOf(text, marks)}, null, ${text})`;
}

/** SQL that tells whether a text is one of a list. DuckDB makes joins of a long `in (…)`, which change the order of the rows. */
export function isOneOf(text: string, list: readonly string[]): string {
  return `list_contains([${list.map(quote).join(", ")}]::varchar[], ${text})`;
}

/** SQL of a text without the white space around it. Most have none, and trimming takes ten times as long as to see that. */
function trimmed(column: string): string {
  const starts = `${column} >= '!' and ${column} < ${quote("\u00A0")}`;
  const ends = space.map((one) => `ends_with(${column}, ${quote(one)})`).join(" or ");
  return `if(${starts} and not (${ends}), ${column}, trim(${column}, ${quote(space.join(""))}))`;
}
