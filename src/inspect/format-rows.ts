import Table from "cli-table3";
import type { QueryAnswer } from "./query-run.ts";

export type RowFormat = "table" | "json" | "csv";

/**
 * A query's answer as text pieces, to be written one after the other. JSON and CSV are streamed; a table is made of the rows it shows.
 *
 * @param maxRows - Rows shown at most; what is left out is counted in a last line of the table, and silently cut in JSON and CSV
 */
export function formatRows(
  answer: QueryAnswer,
  format: RowFormat,
  maxRows: number,
): AsyncGenerator<string> {
  switch (format) {
    case "table":
      return tableText(answer, maxRows);
    case "json":
      return jsonText(answer, maxRows);
    case "csv":
      return csvText(answer, maxRows);
  }
}

async function* tableText({ columns, rows }: QueryAnswer, maxRows: number): AsyncGenerator<string> {
  const table = new Table({ head: [...columns], style: { head: [], border: [] } });
  let seen = 0;
  for await (const row of rows) {
    if (seen < maxRows) table.push(row.map((value) => shorten(cellText(value))));
    seen++;
    if (seen > maxRows) break;
  }
  yield `${table.toString()}\n`;
  if (seen > maxRows) yield `… more rows; first ${String(maxRows)} shown, --all shows every row\n`;
}

async function* jsonText({ columns, rows }: QueryAnswer, maxRows: number): AsyncGenerator<string> {
  let seen = 0;
  yield "[";
  for await (const row of rows) {
    if (seen === maxRows) break;
    const object = Object.fromEntries(columns.map((column, index) => [column, row[index]]));
    yield `${seen === 0 ? "\n" : ",\n"}${JSON.stringify(object, bigintAsText)}`;
    seen++;
  }
  yield "\n]\n";
}

async function* csvText({ columns, rows }: QueryAnswer, maxRows: number): AsyncGenerator<string> {
  let seen = 0;
  yield `${columns.map(csvField).join(",")}\n`;
  for await (const row of rows) {
    if (seen === maxRows) break;
    yield `${row.map((value) => (value === null ? "" : csvField(cellText(value)))).join(",")}\n`;
    seen++;
  }
}

function cellText(value: unknown): string {
  if (value === null || value === undefined) return "NULL";
  if (value instanceof Date) return value.toISOString().replace("T", " ").replace("Z", "");
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "bigint") return String(value); // NaN, Infinity
  return JSON.stringify(value, bigintAsText);
}

function bigintAsText(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}

/** Longest cell of a table, characters. */
const cellWidth = 60;

function shorten(text: string): string {
  const line = text.replaceAll(/\s+/g, " ");
  return line.length > cellWidth ? `${line.slice(0, cellWidth - 1)}…` : line;
}

/** The empty text is quoted, so that it is no NULL. */
function csvField(text: string): string {
  return /^$|[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
