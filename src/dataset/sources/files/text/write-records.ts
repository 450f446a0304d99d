import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { CsvLayout } from "./csv-layout.ts";
import { decodeLine } from "./decode-line.ts";
import { jsonOf } from "./python-object.ts";
import { readLines } from "./read-lines.ts";
import { readRecords } from "./read-records.ts";

/** Most characters of a faulty line that are shown. */
const shownCharacters = 200;

/**
 * Rewrites a CSV file in any state as a valid CSV file without header: the requested columns, then fault, content and line. Missing values
 * are empty fields.
 *
 * @returns Number of records
 */
export async function writeRecords(
  path: string,
  layout: CsvLayout,
  out: string,
  signal: AbortSignal,
): Promise<number> {
  const { places } = layout;
  const nothing = places.map(() => "");
  let rows = 0;
  async function* texts(): AsyncGenerator<string> {
    for await (const records of readRecords(path, layout, signal)) {
      let text = "";
      rows += records.length;
      for (const { line, text: written, fields, fault } of records) {
        const values =
          fault === null
            ? places.map((place) => (typeof place === "number" ? (fields[place] ?? "") : place))
            : nothing;
        text += rowOf(values, fault, written, line);
      }
      yield text;
    }
  }
  await pipeline(Readable.from(texts()), createWriteStream(out), { signal });
  return rows;
}

/** The same for JSON lines: the line itself, then fault, content and line. Blank lines are left out. */
export async function writeJsonLines(
  path: string,
  out: string,
  signal: AbortSignal,
): Promise<number> {
  let rows = 0;
  async function* texts(): AsyncGenerator<string> {
    for await (const lines of readLines(path, signal)) {
      let text = "";
      for (const line of lines) {
        const { text: written, fault } = decodeLine(line, "utf-8");
        if (written.trim() === "" && fault === undefined) continue;
        const json = fault === undefined ? jsonOf(written) : "";
        text += rowOf([json], fault ?? null, written, line.number);
        rows++;
      }
      yield text;
    }
  }
  await pipeline(Readable.from(texts()), createWriteStream(out), { signal });
  return rows;
}

function rowOf(
  values: readonly string[],
  fault: string | null,
  text: string,
  line: number,
): string {
  const content = fault === null ? "" : text.slice(0, shownCharacters);
  return `${[...values, fault ?? "", content].map(field).join(",")},${line}\n`;
}

function field(text: string): string {
  return text === "" ? "" : `"${text.replaceAll('"', '""')}"`;
}
