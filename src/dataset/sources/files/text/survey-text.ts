import { isUtf8 } from "node:buffer";
import type { TextEncoding } from "./decode-line.ts";
import { readChunks } from "./read-chunks.ts";
import { maxLineBytes } from "./read-lines.ts";
import type { FieldSyntax } from "./split-record.ts";

export interface SurveyOptions {
  readonly encoding: TextEncoding;
  /** How fields are quoted; absent for JSON lines, in which quotes mean nothing to lines. */
  readonly syntax?: FieldSyntax;
}

/** What a text file looks like, found without splitting it into fields. */
export interface TextSurvey {
  /** Lines that are not blank, the header included; counted only in plain files. */
  readonly lines: number;
  /**
   * Whether every line is one record to any reader, so that DuckDB's parallel reader and {@link readRecords} read the same: quotes stand
   * only around whole fields and within one line, nothing is escaped by another character than a quote, no blank line stands between
   * others, line ends are all alike, no line is longer than {@link maxLineBytes}, and all bytes are of the encoding.
   */
  readonly isPlain: boolean;
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const endOfLine = Buffer.from([lineFeed]);
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * Surveys a text file, gzipped or not, in one pass. Stops early in a file that is not plain.
 *
 * @throws what {@link readChunks} throws
 */
export async function surveyText(
  path: string,
  { encoding, syntax }: SurveyOptions,
  signal: AbortSignal,
): Promise<TextSurvey> {
  const survey = new LineSurvey(syntax);
  const isValid = (bytes: Buffer): boolean => encoding === "latin-1" || isUtf8(bytes);
  let rest: Buffer = Buffer.alloc(0);
  let isStart = true;
  for await (const chunk of readChunks(path, signal)) {
    let bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    if (isStart && bytes.subarray(0, 3).equals(byteOrderMark)) bytes = bytes.subarray(3);
    isStart = false;
    const end = bytes.lastIndexOf(lineFeed) + 1;
    rest = bytes.subarray(end);
    const lines = bytes.subarray(0, end);
    if (!isValid(lines) || !survey.take(lines) || rest.length > maxLineBytes) return notPlain;
  }
  if (!isValid(rest)) return notPlain;
  if (rest.length > 0 && !survey.take(Buffer.concat([rest, endOfLine]), true)) return notPlain;
  return { lines: survey.lines, isPlain: true };
}

const notPlain: TextSurvey = { lines: 0, isPlain: false };

/** Checks lines as they come. */
class LineSurvey {
  readonly #quote: number | null;
  readonly #escape: number | null;
  readonly #delimiter: Buffer;
  #endsInReturn: boolean | null = null;
  #isAfterBlank = false;
  lines = 0;

  constructor(syntax?: FieldSyntax) {
    const { quote = null, escape = null, delimiter = "" } = syntax ?? {};
    this.#quote = quote === null ? null : quote.charCodeAt(0);
    this.#escape = escape === quote || escape === null ? null : escape.charCodeAt(0);
    this.#delimiter = Buffer.from(delimiter);
  }

  /**
   * @param bytes - Whole lines, each with its line feed
   * @param isEnd - Whether the last line feed is not in the file
   * @returns false if the file is not plain
   */
  take(bytes: Buffer, isEnd = false): boolean {
    if (this.#escape !== null && bytes.includes(this.#escape)) return false;
    let nextReturn = bytes.indexOf(carriageReturn);
    let nextQuote = this.#quote === null ? -1 : bytes.indexOf(this.#quote);
    for (let start = 0; start < bytes.length;) {
      const feed = bytes.indexOf(lineFeed, start);
      const endsInReturn = nextReturn !== -1 && nextReturn === feed - 1;
      if (endsInReturn) nextReturn = bytes.indexOf(carriageReturn, feed);
      if (nextReturn !== -1 && nextReturn < feed) return false;
      const isLast = isEnd && feed === bytes.length - 1;
      if (!isLast && (this.#endsInReturn ??= endsInReturn) !== endsInReturn) return false;
      const end = endsInReturn ? feed - 1 : feed;
      if (end === start) {
        this.#isAfterBlank = true;
      } else {
        if (this.#isAfterBlank || end - start > maxLineBytes) return false;
        this.lines++;
      }
      if (nextQuote !== -1 && nextQuote < feed) {
        if (!this.#areWholeFields(bytes, nextQuote, start, end)) return false;
        nextQuote = bytes.indexOf(this.#quote ?? 0, feed);
      }
      start = feed + 1;
    }
    return true;
  }

  /** Whether all quoted fields of a line are well formed; `at` is its first quote. */
  #areWholeFields(bytes: Buffer, at: number, start: number, end: number): boolean {
    const quote = this.#quote ?? 0;
    for (let open = at; open !== -1 && open < end;) {
      if (open !== start && !this.#isDelimiter(bytes, open - this.#delimiter.length)) return false;
      let close = bytes.indexOf(quote, open + 1);
      while (close !== -1 && close < end && bytes[close + 1] === quote) {
        close = bytes.indexOf(quote, close + 2);
      }
      if (close === -1 || close >= end) return false;
      if (close + 1 !== end && !this.#isDelimiter(bytes, close + 1)) return false;
      open = bytes.indexOf(quote, close + 1);
    }
    return true;
  }

  #isDelimiter(bytes: Buffer, at: number): boolean {
    const { length } = this.#delimiter;
    return at >= 0 && bytes.compare(this.#delimiter, 0, length, at, at + length) === 0;
  }
}
