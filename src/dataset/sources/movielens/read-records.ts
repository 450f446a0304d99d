import { open, stat } from "node:fs/promises";
import { isUtf8 } from "node:buffer";
import type { Database } from "../../../tables/database.ts";
import { openText } from "../files/text/open-text.ts";
import type { CsvLayout } from "../files/text/csv-layout.ts";
import type { SourceSite } from "../source.ts";
import { namedLayout, separatedLayout, type SeparatedText } from "./text-layout.ts";

/** How a file of a published layout is written: its fields are separated, or named in its first line. */
export type FileForm = SeparatedText | { readonly columns: readonly string[] };

/** SQL of the records of a file in order, as texts: `line, fault, content, c0, c1, …`. Line is null where place tells it. */
export type Records = string;

/** Opens a file of ratings, whose fields are ASCII. */
export async function openRatings(
  db: Database,
  path: string,
  form: FileForm,
  site: SourceSite,
): Promise<Records> {
  return openRecords(db, path, await layoutOf(path, form, "utf-8"), "ratings", site);
}

/** Opens a file of items or users, which GroupLens published in latin-1 and publishes in UTF-8. */
export async function openMetadata(
  db: Database,
  path: string,
  form: FileForm,
  name: "items" | "users",
  site: SourceSite,
): Promise<Records> {
  const layout = await layoutOf(path, form, await encodingOf(path));
  return openRecords(db, path, layout, name, site);
}

async function openRecords(
  db: Database,
  path: string,
  layout: CsvLayout,
  name: string,
  site: SourceSite,
): Promise<Records> {
  const { size, mtimeMs } = await stat(path);
  const { sql } = await openText(db, {
    files: [{ path, format: "csv", bytes: size, changedMs: mtimeMs }],
    columns: [],
    layoutOf: () => layout,
    ...{ site, name },
  });
  return sql;
}

function layoutOf(
  path: string,
  form: FileForm,
  encoding: CsvLayout["encoding"],
): CsvLayout | Promise<CsvLayout> {
  return "columns" in form
    ? namedLayout(path, form.columns, encoding)
    : separatedLayout(form, encoding);
}

async function encodingOf(path: string): Promise<CsvLayout["encoding"]> {
  if (path.endsWith(".gz")) return "utf-8";
  const file = await open(path);
  try {
    return isUtf8(await file.readFile()) ? "utf-8" : "latin-1";
  } finally {
    await file.close();
  }
}
