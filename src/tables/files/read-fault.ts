/** @file Why a file of the user's could not be read, in the words of r4ec. */
import { FlowError, reasonOf } from "../../base/errors.ts";

/** What DuckDB says, the cause in plain English, from the parts of the pattern, and what to do. */
type Fault = readonly [RegExp, (...parts: readonly string[]) => string];

const again = "copy or download it again";
const damaged = `its contents are damaged: ${again}`;
const cutOff = `it is cut off or damaged at its end: ${again}`;

const whyNoJson: Readonly<Record<string, string>> = {
  "unexpected end of data": "it ends too early",
  "input length is 0": "a value is missing",
  "invalid UTF-8 encoding in string": "it is not valid UTF-8",
};

/** Faults of a line of a CSV file. */
const ofLines: readonly Fault[] = [
  [
    /Expected Number of Columns: (\d+) Found: (\d+)/,
    (most = "", found = "") =>
      `it has ${found} fields instead of ${most}: write as many fields in every line, and put quotes around those that hold the delimiter`,
  ],
  [
    /unterminated quote/i,
    () => "a quote is never closed: close it, or double quotes inside a field",
  ],
  [/Invalid unicode|not utf-8/i, () => "it is not valid UTF-8: save the file in UTF-8"],
  [/Maximum line size/i, () => "it is too long: a quote may never be closed"],
  [
    /converting column "([^]*?)"\. Could not convert string "([^]*?)" to '([A-Z]+)/,
    (column = "", value = "", type = "") =>
      `column ${column} holds "${value}", but ${type} in the lines before: write its values alike`,
  ],
];

const faults: readonly Fault[] = [
  [
    /sniffing file|automatically detect the CSV/,
    () =>
      "its lines have different numbers of fields, or its delimiter is none of comma, tab, semicolon and |: write as many fields in every line",
  ],
  [/not a GZIP stream/i, () => "it is not compressed, but its name ends in .gz: rename it"],
  [/gzip|inflate|unpack/i, () => cutOff],
  [
    /Malformed JSON in file "[^]*", at byte (\d+) in (line|record\/value) (\d+): ([^.\n]*)/,
    (byte = "", what = "", place = "", why = "") =>
      `${what === "line" ? "line" : "value"} ${place}, byte ${byte}: it is not JSON (${whyNoJson[why.trim()] ?? "a character does not belong there"}): mend or remove it`,
  ],
  [/maximum_object_size/, () => "a value of it is too long, or is never closed"],
  [/Footer length|No magic bytes|too small to be a Parquet/, () => cutOff],
  [
    /Invalid string encoding[^]*value "([^]*?)" is not valid UTF/,
    (value = "") => `the text ${value} in it is not valid UTF-8: write its texts in UTF-8`,
  ],
  [/decompress|Decompress|don't know what type|TProtocol|Thrift|corrupt/i, () => damaged],
  [/HTTP[^]*?\b([45]\d\d)\b/, (status = "") => `the server answered with status ${status}`],
  [
    /Could not establish connection|Could not resolve|Connection/,
    () => "its server cannot be reached",
  ],
  [/No files found/, () => "there is no such file"],
];

/** The error for a file that cannot be read, or not to its end. */
export function unreadableFile(path: string, error: unknown): FlowError {
  return new FlowError(
    "INPUT_INVALID",
    `${path} cannot be read: ${readFault(error)}\nFix or replace the file and run again.`,
    { cause: error },
  );
}

/**
 * Why DuckDB could not read a file: the cause and, where there is one, the cure. DuckDB's own words name options and statements that no
 * user has; they are left only where no cause is known, without its advice.
 *
 * @param error - What reading threw
 */
function readFault(error: unknown): string {
  const message = reasonOf(error).trim();
  const [, line, about = ""] = /CSV Error on Line: (\d+)([^]*)/.exec(message) ?? [];
  if (line !== undefined) {
    const said =
      textOf(ofLines, about) ?? "its fields cannot be told: check its quotes and delimiters";
    return `line ${line}: ${said}`;
  }
  return textOf(faults, message) ?? withoutAdvice(message);
}

function textOf(known: readonly Fault[], message: string): string | undefined {
  for (const [pattern, text] of known) {
    const found = pattern.exec(message);
    if (found !== null) return text(...found.slice(1));
  }
  return undefined;
}

/** The first line of a message, without the statement's name, the kind of error, and advice. */
function withoutAdvice(message: string): string {
  const [first = ""] = message.split("\n");
  return first
    .replace(/^[\w/]+: (?=[A-Z])/, "")
    .replace(/^(?:[A-Z][A-Za-z-]* )+Error: /, "")
    .replace(/ *\b(?:Try|Consider|Possible|Set|Use|Please|Enable) .*$/, "");
}
