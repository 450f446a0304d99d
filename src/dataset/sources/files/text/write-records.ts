import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { CsvLayout } from "./csv-layout.ts";
import { decodeLine } from "./decode-line.ts";
import type { SourceFile } from "../find-files.ts";
import { jsonForm } from "./json-form.ts";
import { readJsonValues } from "./json-values.ts";
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

/** The same for a JSON file: each object, then fault, content and line. Blank lines are left out. */
export async function writeJson(
  file: SourceFile,
  out: string,
  signal: AbortSignal,
): Promise<number> {
  const isLines = (await jsonForm(file)) === "lines";
  const chunks = isLines ? readLines(file.path, signal) : readJsonValues(file.path, signal);
  let rows = 0;
  async function* texts(): AsyncGenerator<string> {
    for await (const chunk of chunks) {
      let text = "";
      for (const piece of chunk) {
        const [line, read] =
          "number" in piece
            ? [piece.number, decodeLine(piece, "utf-8")]
            : [piece.line, decodeLine({ ...piece, number: piece.line, isCut: false }, "utf-8")];
        const { text: written } = read;
        if (written.trim() === "" && read.fault === undefined) continue;
        const fault = read.fault ?? (isHalfPair.test(written) ? halfPair : null);
        text += rowOf([fault === null ? jsonOf(written) : ""], fault, written, line);
        rows++;
      }
      yield text;
    }
  }
  await pipeline(Readable.from(texts()), createWriteStream(out), { signal });
  return rows;
}

/** The escape of half a character beyond U+FFFF, without the other half. */
const isHalfPair =
  /(?<!\\)(?:\\\\)*\\u(?:d[89ab][0-9a-f]{2}(?!\\ud[c-f])|d[c-f][0-9a-f]{2}(?<!\\ud[89ab][0-9a-f]{2}\\u.{4}))/i;
const halfPair = "the line holds half of a surrogate pair, such as \\ud83d alone";

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
