import { stat } from "node:fs/promises";
import { isAscii, isUtf8 } from "node:buffer";
import type { Database } from "../../../tables/database.ts";
import { SqlError } from "../../../base/errors.ts";
import { openText, type OpenedText, type OpenTextOptions } from "../files/text/open-text.ts";
import type { CsvLayout } from "../files/text/csv-layout.ts";
import type { TextEncoding } from "../files/text/decode-line.ts";
import { readLines } from "../files/text/read-lines.ts";
import type { SourceSite } from "../source.ts";
import { namedLayout, separatedLayout, type SeparatedText } from "./text-layout.ts";

/** How a file of a published layout is written: its fields are separated, or named in its first line. */
export type FileForm = SeparatedText | { readonly columns: readonly string[] };

/** SQL of the records of a file in order, as texts: `line, fault, content, c0, c1, …`. Line is null where place tells it. */
export type Records = string;

/**
 * Reads a file of ratings, whose fields are ASCII. A plain file is read once: where the reader then found other records than lines, the
 * file is read again record by record.
 *
 * @param read - Reads all records, and returns their number
 * @returns The records that were read
 */
export async function readRatings(
  db: Database,
  path: string,
  form: FileForm,
  site: SourceSite,
  read: (records: Records) => Promise<number>,
): Promise<Records> {
  const layout = await layoutOf(path, form, "utf-8");
  const opened = await openRecords(db, path, layout, "ratings", site, { isChecked: false });
  const found = await read(opened.sql).catch((error: unknown) => {
    if (error instanceof SqlError) return null;
    throw error;
  });
  if (found === opened.rows[0]) return opened.sql;
  const again = await openRecords(db, path, layout, "ratings", site, { isRewritten: true });
  await read(again.sql);
  return again.sql;
}

/** Opens a file of items or users, which GroupLens published in latin-1 and publishes in UTF-8: see {@link encodingOf}. */
export async function openMetadata(
  db: Database,
  path: string,
  form: FileForm,
  name: "items" | "users",
  site: SourceSite,
): Promise<Records> {
  const layout = await layoutOf(path, form, await encodingOf(path, site.signal));
  return (await openRecords(db, path, layout, name, site)).sql;
}

async function openRecords(
  db: Database,
  path: string,
  layout: CsvLayout,
  name: string,
  site: SourceSite,
  how: Pick<OpenTextOptions, "isChecked" | "isRewritten"> = {},
): Promise<OpenedText> {
  const { size, mtimeMs } = await stat(path);
  return openText(db, {
    files: [{ path, format: "csv", bytes: size, changedMs: mtimeMs }],
    columns: [],
    layoutOf: () => layout,
    ...{ site, name, ...how },
  });
}

function layoutOf(
  path: string,
  form: FileForm,
  encoding: TextEncoding,
): CsvLayout | Promise<CsvLayout> {
  return "columns" in form
    ? namedLayout(path, form.columns, encoding)
    : separatedLayout(form, encoding);
}

/**
 * The encoding of a file, told by its lines that are not ASCII. Where most of them are UTF-8, others are damaged; where most are not, those
 * that are were written by another program, since a text in latin-1 is hardly ever valid UTF-8.
 */
async function encodingOf(path: string, signal: AbortSignal): Promise<TextEncoding> {
  let utf8 = 0;
  let others = 0;
  for await (const lines of readLines(path, signal)) {
    for (const { bytes } of lines) {
      if (isAscii(bytes)) continue;
      if (isUtf8(bytes)) utf8++;
      else others++;
    }
  }
  if (utf8 >= others) return "utf-8";
  return utf8 === 0 ? "latin-1" : "mixed";
}
