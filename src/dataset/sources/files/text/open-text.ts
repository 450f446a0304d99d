import { FlowError, SqlError } from "../../../../base/errors.ts";
import type { Database } from "../../../../tables/database.ts";
import { quote } from "../../../../tables/quote.ts";
import type { SourceSite } from "../../source.ts";
import { type WantedColumn } from "../file-errors.ts";
import { unreadableFile } from "../../../../tables/files/read-fault.ts";
import type { SourceFile } from "../find-files.ts";
import { literalPath } from "../../../../tables/files/literal-path.ts";
import type { CsvLayout } from "./csv-layout.ts";
import { jsonForm } from "./json-form.ts";
import { readChunks } from "./read-chunks.ts";
import { surveyText } from "./survey-text.ts";
import {
  csvReader,
  jsonReader,
  readerKey,
  rewrittenCsvReader,
  rewrittenJsonReader,
  type TextReader,
} from "./text-readers.ts";
import { writeJson, writeRecords } from "./write-records.ts";

export interface OpenTextOptions {
  /** CSV or JSON files, at least one. */
  readonly files: readonly SourceFile[];
  readonly columns: readonly WantedColumn[];
  /** How a CSV file is written, and where its columns are. */
  readonly layoutOf: (file: SourceFile) => CsvLayout | Promise<CsvLayout>;
  readonly site: SourceSite;
  /** Start of the names of temporary files. */
  readonly name: string;
  /**
   * Whether to compare DuckDB's count with that of the survey. Default true; false where the caller compares `rows` with what it has read,
   * and opens the file again to be rewritten where they differ.
   */
  readonly isChecked?: boolean;
  /** Whether every file is rewritten, also plain ones. Default false. */
  readonly isRewritten?: boolean;
  /** What an earlier reading found of each file, which is then not looked for again. */
  readonly known?: readonly KnownText[];
}

/** What reading a text file once tells. */
export interface KnownText {
  /** Number of records. */
  readonly rows: number;
  /** Whether it can only be read from a copy. */
  readonly isRewritten: boolean;
}

/** Text files that DuckDB can read to their end. */
export interface OpenedText {
  /** Query of their records in order: `file_index, place, line, fault, content, c0, c1, …`; place is null, and line where place tells it. */
  readonly sql: string;
  /** Number of records of each file. */
  readonly rows: readonly number[];
  /** Of each file. */
  readonly known: readonly KnownText[];
}

/** How one file is read. */
interface Reading {
  readonly index: number;
  /** The file or, where it had to be rewritten, its copy. */
  readonly path: string;
  /** Of a CSV file; null for JSON. */
  readonly layout: CsvLayout | null;
  readonly reader: TextReader;
  /** Values that the folder of the file gives to all its rows, by requested column. */
  readonly given: readonly (number | string)[];
  /** Number of records; null before it is known. */
  readonly rows: number | null;
}

/**
 * Decides how each text file is read, and counts its records. A plain file is read in place, by DuckDB on all cores. Any other is first
 * rewritten record by record to `site.tempDir`, which numbers its lines and marks invalid records with a `fault`. A plain file counts as
 * another if DuckDB finds other records in it than lines.
 *
 * @throws `INPUT_INVALID` for a missing column, and for a file that cannot be read
 */
export async function openText(db: Database, options: OpenTextOptions): Promise<OpenedText> {
  await db.run("set preserve_insertion_order = true");
  const readings: Reading[] = [];
  for (const [index, file] of options.files.entries()) {
    options.site.signal.throwIfAborted();
    readings.push(await readingOf(file, index, options));
  }
  const checked: Reading[] = [];
  for (const group of grouped(readings)) {
    const isLookedAt = options.isChecked !== false && options.known === undefined;
    const isCounted = !isLookedAt && group.every(({ rows }) => rows !== null);
    checked.push(...(isCounted ? group : await checkRows(db, group, options)));
  }
  return {
    sql: grouped(checked).map(selectOf).join("\nunion all\n"),
    rows: checked.map(({ rows }) => rows ?? 0),
    known: checked.map(({ rows, path, index }) => ({
      rows: rows ?? 0,
      isRewritten: path !== options.files[index]?.path,
    })),
  };
}

async function readingOf(
  file: SourceFile,
  index: number,
  options: OpenTextOptions,
): Promise<Reading> {
  const { columns, layoutOf, site } = options;
  const isCsv = file.format === "csv";
  const layout = isCsv ? await layoutOf(file) : null;
  const form = isCsv ? null : await jsonForm(file);
  const names = columns.map(({ name }) => name);
  const reading = {
    ...{ index, path: file.path, layout, given: layout?.places ?? [], rows: null },
    reader: layout
      ? csvReader(layout)
      : jsonReader(names, form === "list" ? "array" : "newline_delimited"),
  };
  const known = options.known?.[index];
  if (known !== undefined) {
    return known.isRewritten ? rewrite(file, reading, options) : { ...reading, rows: known.rows };
  }
  if (file.bytes === null) return reading;
  if (options.isRewritten === true) return rewrite(file, reading, options);
  if (form === "values") return rewrite(file, reading, options);
  if (form === "list") {
    await refuseBomb(file.path, site.signal);
    return reading;
  }
  const encoding = layout?.encoding ?? "utf-8";
  const survey = await surveyText(file.path, { ...layout, encoding }, site.signal);
  if (!survey.isPlain) return rewrite(file, reading, options);
  const header = layout?.hasHeader === true && survey.lines > 0 ? 1 : 0;
  return { ...reading, rows: survey.lines - header };
}

/** Reads a file to its end. */
async function refuseBomb(path: string, signal: AbortSignal): Promise<void> {
  if (!path.toLowerCase().endsWith(".gz")) return;
  const chunks = readChunks(path, signal);
  while ((await chunks.next()).done !== true);
}

/** Checks that DuckDB finds as many records in files as their surveys found; rewrites those in which it does not. */
async function checkRows(
  db: Database,
  group: readonly Reading[],
  options: OpenTextOptions,
): Promise<readonly Reading[]> {
  const [first, ...others] = group;
  if (first === undefined) return [];
  const counted = await countRows(db, group).catch((error: unknown) => {
    if (error instanceof SqlError) return error;
    throw error;
  });
  const isFaulty =
    counted instanceof SqlError ||
    group.some(({ rows }, k) => rows !== null && rows !== counted[k]);
  if (!isFaulty) return group.map((reading, k) => ({ ...reading, rows: counted[k] ?? 0 }));
  if (others.length > 0) {
    const each: Reading[] = [];
    for (const reading of group) each.push(...(await checkRows(db, [reading], options)));
    return each;
  }
  const file = options.files[first.index];
  if (file === undefined || file.bytes === null || first.path !== file.path) {
    throw unreadableFile(file?.path ?? first.path, counted);
  }
  return [await rewrite(file, first, options)];
}

/** Records of each file of a group. */
async function countRows(db: Database, group: readonly Reading[]): Promise<readonly number[]> {
  const rows = await db.rows(
    `select file_index, count(*) as rows from ${tableOf(group)} group by file_index`,
  );
  const counts = new Map(rows.map((row) => [Number(row["file_index"]), Number(row["rows"])]));
  return group.map((_, k) => counts.get(k) ?? 0);
}

async function rewrite(
  file: SourceFile,
  { index, layout }: Pick<Reading, "index" | "layout">,
  { columns, site, name }: OpenTextOptions,
): Promise<Reading> {
  const path = `${site.tempDir}/${name}-${index}.csv`;
  const rewriting = { index, path, layout, given: [] };
  try {
    if (layout !== null) {
      const rows = await writeRecords(file.path, layout, path, site.signal);
      return { ...rewriting, rows, reader: rewrittenCsvReader(layout.places.length) };
    }
    const rows = await writeJson(file, path, site.signal);
    return {
      ...rewriting,
      rows,
      reader: rewrittenJsonReader(columns.map((column) => column.name)),
    };
  } catch (error) {
    site.signal.throwIfAborted();
    if (error instanceof FlowError) throw error;
    throw unreadableFile(file.path, error);
  }
}

/** Neighbouring files with equal readers. */
function grouped(readings: readonly Reading[]): readonly (readonly Reading[])[] {
  const groups: Reading[][] = [];
  let last = "";
  for (const reading of readings) {
    const key = readerKey(reading.reader);
    if (key === last) groups.at(-1)?.push(reading);
    else groups.push([reading]);
    last = key;
  }
  return groups;
}

function tableOf(group: readonly Reading[]): string {
  const paths = group.map(({ path }) => literalPath(path)).join(", ");
  return group[0]?.reader.from(`[${paths}]`) ?? "";
}

/** Query of the records of a group. */
function selectOf(group: readonly Reading[]): string {
  const [first] = group;
  if (first === undefined) throw new Error("internal: no files to read");
  const [fault, content, line] = first.reader.facts;
  const values = first.reader.values.map(
    (value, k) => `${value ?? perFile(group.map(({ given }) => given[k] ?? ""))} as c${k}`,
  );
  const facts = [
    `cast(${perFile(group.map(({ index }) => index))} as bigint) as file_index`,
    "null::bigint as place",
    `${line} as line`,
    `${fault} as fault`,
    `${content} as content`,
  ];
  return `select ${[...facts, ...values].join(", ")} from ${tableOf(group)}`;
}

/** SQL of a value that is constant in each file of a group. */
function perFile(values: readonly (number | string)[]): string {
  const literals = values.map((value) => (typeof value === "number" ? value : quote(value)));
  if (new Set(literals).size === 1) return String(literals[0]);
  return `[${literals.join(", ")}][cast(file_index as bigint) + 1]`;
}
