import { decodeLine } from "./decode-line.ts";
import { readLines, type Line } from "./read-lines.ts";
import type { CsvLayout } from "./csv-layout.ts";
import { splitRecord, type Split } from "./split-record.ts";

/** A record of a text file that is read line by line. */
export interface TextRecord {
  /** Line number of its start, from 1. */
  readonly line: number;
  /** As written in the file. */
  readonly text: string;
  /** One per column of the layout; empty if there is a fault. */
  readonly fields: readonly string[];
  readonly fault: string | null;
}

/** Most lines a quoted field may span. */
const maxOpenLines = 100;

/**
 * Reads the records of a CSV file in any state. Blank lines are skipped. A line that is neither a record nor the start of one becomes a
 * record with a fault, and reading continues with the next line.
 */
export async function* readRecords(
  path: string,
  layout: Pick<CsvLayout, "delimiter" | "encoding" | "hasHeader"> & {
    readonly names: { readonly length: number };
  },
): AsyncGenerator<readonly TextRecord[]> {
  let waiting: readonly Line[] = [];
  let isFirst = layout.hasHeader;
  for await (const lines of readLines(path)) {
    const { records, rest } = recordsOf([...waiting, ...lines], layout, false);
    waiting = rest;
    yield isFirst ? records.slice(1) : records;
    if (records.length > 0) isFirst = false;
  }
  const { records } = recordsOf(waiting, layout, true);
  yield isFirst ? records.slice(1) : records;
}

/** The records in these lines, and the last lines if their record may continue. */
function recordsOf(
  lines: readonly Line[],
  layout: Parameters<typeof readRecords>[1],
  isEnd: boolean,
): { readonly records: readonly TextRecord[]; readonly rest: readonly Line[] } {
  const records: TextRecord[] = [];
  for (let at = 0; at < lines.length;) {
    const first = lines[at];
    if (first === undefined) break;
    const { text, fault } = decodeLine(first, layout.encoding);
    if (text === "" && fault === undefined) {
      at++;
      continue;
    }
    const split: Split =
      fault === undefined ? splitRecord(text, layout.delimiter) : { fault, isOpen: false };
    const joined = "isOpen" in split && split.isOpen ? joinLines(lines, at, layout) : null;
    if (joined === "unknown" && !isEnd) return { records, rest: lines.slice(at) };
    const isJoined = joined !== null && joined !== "unknown";
    records.push(recordOf(first.number, isJoined ? joined : { text, split }, layout.names.length));
    at += isJoined ? joined.lines : 1;
  }
  return { records, rest: [] };
}

function recordOf(
  line: number,
  { text, split }: { readonly text: string; readonly split: Split },
  width: number,
): TextRecord {
  if ("fault" in split) return { line, text, fields: [], fault: split.fault };
  const { fields } = split;
  if (fields.length === width) return { line, text, fields, fault: null };
  const fault = fields.length < width ? "the line lacks fields" : "the line has too many fields";
  return { line, text, fields: [], fault };
}

/**
 * The record that starts in a line and ends in a later one; null if there is none, "unknown" if the lines end first. A line that is a
 * complete record is never joined to another: an unclosed quote costs only its own line, not all lines up to the next quote.
 */
function joinLines(
  lines: readonly Line[],
  start: number,
  { delimiter, encoding, names }: Parameters<typeof readRecords>[1],
): { readonly text: string; readonly split: Split; readonly lines: number } | null | "unknown" {
  let text = "";
  for (let count = 1; count <= maxOpenLines; count++) {
    const line = lines[start + count - 1];
    if (line === undefined) return "unknown";
    const next = decodeLine(line, encoding);
    if (next.fault !== undefined) return null;
    if (count > 1 && isRecord(next.text, delimiter, names.length)) return null;
    text = count === 1 ? next.text : `${text}\n${next.text}`;
    const split = splitRecord(text, delimiter);
    if ("fields" in split) {
      return split.fields.length === names.length ? { text, split, lines: count } : null;
    }
    if (!split.isOpen) return null;
  }
  return null;
}

/** Whether a line is a complete record without misplaced quotes. */
function isRecord(text: string, delimiter: string, width: number): boolean {
  const split = splitRecord(text, delimiter);
  if (!("fields" in split) || split.fields.length !== width) return false;
  return !text.split(delimiter).some((field) => /^[^"]+"/.test(field));
}
