import { csvField } from "../../base/csv-text.ts";
import { printable } from "../../base/printable.ts";
import { unlessFormula } from "../../tables/files/spreadsheet-text.ts";
import type { CsvOptions } from "../../tables/files/table-file.ts";
import type { AnswerColumn, AnswerRow, QueryAnswer, TextFormat } from "./answer.ts";
import { textTable } from "./text-table.ts";

/**
 * A query's answer as pieces of text to write in order. Holds one block of rows in memory; `table` holds up to 1,000 rows.
 *
 * - `table`: for people. A new table every 1,000 rows, long cells shortened, fractions rounded to seven digits, and characters that a
 *   terminal would act on replaced.
 * - `json`: one array of objects, one object per line. Duplicate column names get a number.
 * - `csv`: RFC 4180, except that lines end with a line feed only. NULL is empty, the empty string is quoted.
 */
export function answerText(
  answer: QueryAnswer,
  format: TextFormat,
  csv: CsvOptions = {},
): AsyncGenerator<string> {
  switch (format) {
    case "table":
      return tableText(answer);
    case "json":
      return jsonText(answer);
    case "csv":
      return csvText(answer, csv);
  }
}

/** Rows per table; its column widths fit all of them. */
const tableRows = 1000;

async function* tableText({ columns, blocks }: QueryAnswer): AsyncGenerator<string> {
  let rows: string[][] = [];
  let isFirst = true;
  for await (const block of blocks) {
    for (const row of block) {
      if (rows.length === tableRows) {
        yield `${textTable(columns, rows)}\n`;
        rows = [];
        isFirst = false;
      }
      rows.push(row.map((value) => shorten(cellText(inDigits(value)))));
    }
  }
  if (isFirst || rows.length > 0) yield `${textTable(columns, rows)}\n`;
}

async function* jsonText({ columns, blocks }: QueryAnswer): AsyncGenerator<string> {
  const keys = distinctNames(columns).map((name) => `${JSON.stringify(name)}:`);
  const line = (row: AnswerRow): string =>
    `{${keys.map((key, index) => key + jsonValue(columns[index], row[index])).join(",")}}`;
  let separator = "\n";
  yield "[";
  for await (const block of blocks) {
    if (block.length === 0) continue;
    yield separator + block.map(line).join(",\n");
    separator = ",\n";
  }
  yield "\n]\n";
}

/** A cell as JSON, timestamps in ISO 8601. JSON.stringify with a replacer is slow, so numbers and strings avoid it. */
function jsonValue(column: AnswerColumn | undefined, value: unknown): string {
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : "null";
  if (typeof value !== "string") return JSON.stringify(value ?? null, bigintAsText);
  const isTimestamp = column?.kind === "timestamp";
  const iso = /^(\d+-\d\d-\d\d) ([\d:.]+)$/;
  return JSON.stringify(isTimestamp ? value.replace(iso, "$1T$2Z") : value);
}

/** a, b, a becomes a, b, a:1. */
function distinctNames(columns: readonly AnswerColumn[]): readonly string[] {
  const taken = new Set<string>();
  return columns.map(({ name }) => {
    let own = name;
    for (let number = 1; taken.has(own); number++) own = `${name}:${number}`;
    taken.add(own);
    return own;
  });
}

async function* csvText(
  { columns, blocks }: QueryAnswer,
  { isForSpreadsheets = false }: CsvOptions,
): AsyncGenerator<string> {
  const safe = isForSpreadsheets ? unlessFormula : (text: string): string => text;
  const field = (value: unknown, index: number): string => {
    if (value === null) return "";
    const text = cellText(value);
    return csvField(columns[index]?.kind === "number" ? text : safe(text));
  };
  const line = (cells: readonly string[]): string => `${cells.join(",")}\n`;
  yield line(columns.map(({ name }) => csvField(safe(name))));
  for await (const block of blocks) {
    yield block.map((row) => line(row.map(field))).join("");
  }
}

function cellText(value: unknown): string {
  if (value === null || value === undefined) return "NULL";
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "bigint") return String(value); // NaN, Infinity
  return JSON.stringify(value, bigintAsText);
}

function bigintAsText(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}

function inDigits(value: unknown): unknown {
  const isFraction = typeof value === "number" && !Number.isInteger(value);
  return isFraction ? Number(value.toPrecision(7)) : value;
}

/** Longest cell of a table, in characters. */
const cellWidth = 60;

function shorten(text: string): string {
  const isPlain = !/[^ -~]| {2}/.test(text);
  const line = isPlain ? text : printable(text.replaceAll(/\s+/g, " "));
  return line.length > cellWidth ? `${line.slice(0, cellWidth - 1)}…` : line;
}
