import { decodeLine } from "./decode-line.ts";
import { maxLineBytes, readLines, type Line } from "./read-lines.ts";
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

/** What {@link readRecords} needs to know about a file. */
type RecordLayout = Pick<CsvLayout, "syntax" | "encoding" | "hasHeader"> & {
  readonly names: { readonly length: number };
};

/**
 * Reads the records of a CSV file in any state. Blank lines are skipped. A line that is neither a record nor the start of one becomes a
 * record with a fault, and reading continues with the next line.
 */
export async function* readRecords(
  path: string,
  layout: RecordLayout,
  signal?: AbortSignal,
): AsyncGenerator<readonly TextRecord[]> {
  let waiting: readonly Line[] = [];
  let isFirst = layout.hasHeader;
  for await (const lines of readLines(path, signal)) {
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
  layout: RecordLayout,
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
      fault === undefined ? splitRecord(text, layout.syntax) : { fault, isOpen: false };
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
 * The record that starts in a line and ends in a later one; null if there is none, "unknown" if the lines end first.
 *
 * Where each of these lines would be a record by itself if quotes were ordinary characters, the quote is taken for one that was never
 * closed: it costs its own line, not all lines up to the next quote.
 */
function joinLines(
  lines: readonly Line[],
  start: number,
  { syntax, encoding, names }: RecordLayout,
): { readonly text: string; readonly split: Split; readonly lines: number } | null | "unknown" {
  const { delimiter, quote } = syntax;
  const texts: string[] = [];
  let bytes = 0;
  let areRecords = true;
  for (let at = start; bytes <= maxLineBytes; at++) {
    const line = lines[at];
    if (line === undefined) return "unknown";
    const { text, fault } = decodeLine(line, encoding);
    if (fault !== undefined) return null;
    texts.push(text);
    bytes += line.bytes.length + 1;
    areRecords &&= text.split(delimiter).length === names.length;
    // Only a line with a quote can end the field.
    if (at === start || quote === null || !text.includes(quote)) continue;
    const joined = texts.join("\n");
    const split = splitRecord(joined, syntax);
    if ("fields" in split) {
      const isRecord = split.fields.length === names.length && !areRecords;
      return isRecord ? { text: joined, split, lines: texts.length } : null;
    }
    if (!split.isOpen) return null;
  }
  return null;
}
