import { FlowError } from "../../../base/errors.ts";
import type { CsvLayout } from "../files/text/csv-layout.ts";
import { decodeLine, type TextEncoding } from "../files/text/decode-line.ts";
import { readLines } from "../files/text/read-lines.ts";
import { quotingOf, splitRecord, standardQuoting } from "../files/text/split-record.ts";

/** A file without a header whose fields a separator ends. */
export interface SeparatedText {
  readonly delimiter: string;
  readonly width: number;
}

/** A character that no published file holds: each of its lines is one field. */
export const wholeLines: SeparatedText = { delimiter: "\x1f", width: 1 };

/** How a file without a header is read. */
export function separatedLayout(
  { delimiter, width }: SeparatedText,
  encoding: TextEncoding,
): CsvLayout {
  const places = Array.from({ length: width }, (_, place) => place);
  return {
    names: places.map((place) => `column${place}`),
    syntax: { delimiter, quote: null, escape: null },
    hasHeader: false,
    ...{ encoding, places },
  };
}

/**
 * How a CSV file is read by the names in its first line, in any order and beside others.
 *
 * @param names - As GroupLens writes them; upper and lower case are alike
 * @throws `INPUT_INVALID` for a first line that lacks one of them, as where there is no header
 */
export async function namedLayout(
  path: string,
  names: readonly string[],
  encoding: TextEncoding,
): Promise<CsvLayout> {
  const syntax = { delimiter: ",", ...quotingOf(standardQuoting) };
  const header = await headerOf(path, syntax);
  const places = names.map((name) => header.findIndex((each) => isAlike(each, name)));
  const isAmbiguous = names.some((name) => header.filter((each) => isAlike(each, name)).length > 1);
  if (places.includes(-1) || isAmbiguous) {
    throw new FlowError(
      "INPUT_INVALID",
      `${path}: line 1: expected the columns ${names.join(",")}${isAmbiguous ? ", each once" : ""}, found ${header.join(",").slice(0, 200)}; ` +
        "give the file the first line it was published with, or read it with dataset.source csv.",
    );
  }
  return { names: header, syntax, hasHeader: true, encoding, places };
}

async function headerOf(path: string, syntax: CsvLayout["syntax"]): Promise<readonly string[]> {
  for await (const [line] of readLines(path)) {
    if (line === undefined) continue;
    const split = splitRecord(decodeLine(line, "utf-8").text, syntax);
    return "fields" in split ? split.fields.map((name) => name.trim()) : [];
  }
  return [];
}

function isAlike(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
