import { open, rm } from "node:fs/promises";
import { SqlError } from "../../../../base/errors.ts";
import type { Database } from "../../../../tables/database.ts";
import { quote, quoteName } from "../../../../tables/quote.ts";
import { csvLayout, type CsvLayout } from "./csv-layout.ts";
import type { SourceFile } from "../find-files.ts";
import { unreadableFile, type WantedColumn } from "../file-errors.ts";
import { literalPath } from "../literal-path.ts";
import type { CsvSettings } from "../settings.ts";
import type { SourceSite } from "../../source.ts";
import { maxLineBytes, readLines } from "./read-lines.ts";
import { refuseBomb } from "./refuse-bomb.ts";
import { copyToParquet } from "../stage-rows.ts";
import { writeJsonLines, writeRecords } from "./write-records.ts";

export interface StageTextOptions {
  readonly file: SourceFile;
  readonly columns: readonly WantedColumn[];
  readonly csv: CsvSettings;
  readonly site: SourceSite;
  /** Parquet file to write. */
  readonly path: string;
  /** Reads the file line by line, whatever state it is in. */
  readonly isByLine: boolean;
}

/** How a text file was read: whole, by DuckDB on all cores, or record by record with line numbers. */
export type HowRead = "whole" | "byLine";

/**
 * Copies the requested columns of a CSV or JSON file to Parquet: `c0, c1, …, fault, content, line`, in file order.
 *
 * A file that DuckDB can read from start to end is read whole. Otherwise, or with `isByLine`, it is read record by record, and invalid
 * records get a `fault`.
 *
 * @throws `INPUT_INVALID` for a file that cannot be read, and for a gzip bomb
 */
export async function stageText(db: Database, options: StageTextOptions): Promise<HowRead> {
  const { file, site, isByLine } = options;
  if (file.bytes !== null && !isByLine) await refuseBomb(file.path, site.signal);
  const layout = file.format === "csv" ? await csvLayout(db, file, options) : null;
  if (!isByLine) {
    const failure = await copyWhole(db, layout, options);
    if (failure === null) return "whole";
    if (file.bytes === null || (await isJsonList(file))) throw unreadableFile(file.path, failure);
  }
  await copyByLine(db, layout, options);
  return "byLine";
}

/** Returns null on success, else the failure. */
async function copyWhole(
  db: Database,
  layout: CsvLayout | null,
  options: StageTextOptions,
): Promise<SqlError | null> {
  const { file, path } = options;
  const source = layout === null ? await jsonSource(options) : csvSource(file, layout);
  const columns =
    layout === null
      ? options.columns.map(({ name }) => quoteName(name))
      : layout.places.map((place) => (typeof place === "number" ? `column${place}` : quote(place)));
  const facts = `null::varchar as fault, null::varchar as content, cast(null as bigint) as line`;
  try {
    await copyInOrder(db, `select ${[...named(columns), facts].join(", ")} from ${source}`, path);
    return null;
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    await rm(path, { force: true });
    return error;
  }
}

async function copyByLine(
  db: Database,
  layout: CsvLayout | null,
  { file, path, columns, site }: StageTextOptions,
): Promise<void> {
  const text = `${path}.csv`;
  try {
    if (layout === null) await writeJsonLines(file.path, text, site.signal);
    else await writeRecords(file.path, layout, text, site.signal);
  } catch (error) {
    site.signal.throwIfAborted();
    throw unreadableFile(file.path, error);
  }
  const width = layout === null ? 1 : layout.places.length;
  const types = [...columnNames(width), "fault", "content"].map((name) => `'${name}': 'VARCHAR'`);
  const source = `read_csv(${literalPath(text)}, delim = ',', header = false, quote = '"', escape = '"', auto_detect = false, max_line_size = ${4 * maxLineBytes}, columns = {${types.join(", ")}, 'line': 'BIGINT'})`;
  const select =
    layout === null
      ? jsonSelect(columns.map(({ name }) => name))
      : [...columnNames(width), "fault", "content", "line"].join(", ");
  await copyInOrder(db, `select ${select} from ${source}`, path);
  await rm(text);
}

function csvSource({ path }: SourceFile, layout: CsvLayout): string {
  const { names, delimiter, hasHeader, encoding } = layout;
  const columns = names.map((_, k) => `'column${k}': 'VARCHAR'`).join(", ");
  return (
    `read_csv(${literalPath(path)}, delim = ${quote(delimiter)}, header = ${hasHeader}, quote = '"', escape = '"', ` +
    `encoding = '${encoding}', auto_detect = false, max_line_size = ${maxLineBytes}, columns = {${columns}})`
  );
}

async function jsonSource({ file, columns }: StageTextOptions): Promise<string> {
  const names = [...new Set(columns.map(({ name }) => name))];
  const types = names.map((name) => `${quote(name)}: 'VARCHAR'`).join(", ");
  const format = (await isJsonList(file)) ? "array" : "newline_delimited";
  return (
    `read_json(${literalPath(file.path)}, format = '${format}', records = true, maximum_object_size = ${maxLineBytes}, ` +
    `columns = {${types}})`
  );
}

/** Columns to extract from a line of JSON in `c0`. */
function jsonSelect(names: readonly string[]): string {
  const isObject = "json_type(try_cast(c0 as json)) = 'OBJECT'";
  const columns = names.map((name) => {
    const pointer = quote(`/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`);
    return `case when ${isObject} then json_extract_string(try_cast(c0 as json), ${pointer}) end`;
  });
  const fault = `case when ${isObject} then null else coalesce(fault, 'the line is not a JSON object') end as fault`;
  const content = `case when ${isObject} then null else coalesce(content, left(c0, 200)) end as content`;
  return [...named(columns), fault, content, "line"].join(", ");
}

function columnNames(width: number): readonly string[] {
  return Array.from({ length: width }, (_, k) => `c${k}`);
}

function named(columns: readonly string[]): readonly string[] {
  return columns.map((column, k) => `${column} as c${k}`);
}

/** Keeps the order of the rows although several threads work. */
async function copyInOrder(db: Database, select: string, path: string): Promise<void> {
  await db.run("set preserve_insertion_order = true");
  await copyToParquet(db, select, path);
}

/** Whether a JSON file is one list of objects rather than one object per line: by its first character. */
async function isJsonList({ path, bytes }: SourceFile): Promise<boolean> {
  if (bytes === null) return false;
  if (!path.toLowerCase().endsWith(".gz")) {
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(4096), 0, 4096, 0);
      return /^\uFEFF?\s*\[/.test(buffer.toString("utf8", 0, bytesRead));
    } finally {
      await file.close();
    }
  }
  for await (const lines of readLines(path)) {
    const first = lines.find(({ bytes: line }) => line.toString("latin1").trim() !== "");
    if (first !== undefined) return first.bytes.toString("latin1").trimStart().startsWith("[");
  }
  return false;
}
