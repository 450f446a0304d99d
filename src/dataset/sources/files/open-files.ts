import { FlowError } from "../../../base/errors.ts";
import { describeQuery } from "../../../tables/check-schema.ts";
import type { Database } from "../../../tables/database.ts";
import { quoteName } from "../../../tables/quote.ts";
import type { FileFormat, SourceFile } from "./find-files.ts";
import type { SourceSite } from "../source.ts";
import { presentValue } from "./columns/missing-values.ts";
import type { WantedColumn } from "./file-errors.ts";
import { refuseForeignContent } from "./checks/refuse-foreign-content.ts";
import { refuseMissingKeys } from "./checks/refuse-missing-keys.ts";
import { loadRemote } from "./load-remote.ts";
import { parquetSource, type ParquetSource } from "./parquet/parquet-source.ts";
import type { CsvSettings } from "./settings.ts";
import { csvLayout } from "./text/csv-layout.ts";
import { openText, type KnownText } from "./text/open-text.ts";

export interface OpenFilesOptions {
  /** Name of the view to create. */
  readonly view: string;
  /** At least one. */
  readonly files: readonly SourceFile[];
  readonly columns: readonly WantedColumn[];
  readonly csv: CsvSettings;
  readonly site: SourceSite;
  /** Texts that stand for a missing value. */
  readonly missingValues: readonly string[];
  /** Where the files are some of all: what is known of all. */
  readonly known?: KnownFiles;
}

/** What is known of files before they are opened. */
export interface KnownFiles {
  /** The type of each requested column over all files, as {@link OpenedFiles} gives it; their own may be narrower. */
  readonly types: readonly string[];
  /** Of each text file to open. */
  readonly texts?: readonly KnownText[];
}

/** The files behind a view. */
export interface OpenedFiles {
  readonly files: readonly SourceFile[];
  /** DuckDB's type of each requested column, in order. Texts are VARCHAR. */
  readonly types: readonly string[];
  /** Text files: where their rows are found among all rows. */
  readonly text?: TextPlaces;
  /** Whether the view's rows are not in the order of the files. */
  readonly isUnordered: boolean;
}

/** Places of rows of text files. */
export interface TextPlaces {
  /** Number of rows of each file. */
  readonly rows: readonly number[];
  /** Line of the first row of a file whose rows are its lines. */
  readonly firstLine: number;
  /** What need not be looked for when the files are opened again. */
  readonly known: readonly KnownText[];
}

/**
 * Creates a view over files: `file_index, place, line, fault, content, c0, c1, …`, one row per row of a Parquet file or record of a text
 * file. `file_index` and `place` count from 0, `line` from 1; `c0` is the first requested column. For a text record that cannot be read,
 * `fault` says why, `content` shows it, and the columns are null. Texts are without white space around them, and null where they stand
 * for a missing value.
 *
 * Nothing is copied but text files that are not plain. The rows of text files are in order but know their `place` and some of them their
 * `line` only once {@link placeRows} has copied them.
 *
 * @throws `INPUT_INVALID` for a column or file that cannot be read; `DEPENDENCY_MISSING` for a URL without httpfs
 */
export async function openFiles(db: Database, options: OpenFilesOptions): Promise<OpenedFiles> {
  const { view, files, columns, missingValues, known } = options;
  await loadRemote(db, files);
  for (const file of files) await refuseForeignContent(file);
  const format = formatOf(files);
  const opened: ParquetSource & Pick<OpenedFiles, "text"> =
    format === "parquet"
      ? await parquetSource(db, files, columns, known?.types)
      : await textSource(db, options);
  const stored = quoteName(`${view}_stored`);
  await db.run(`create or replace view ${stored} as ${opened.select}`);
  const described = await describeQuery(db, `select * from ${stored}`, {});
  const types = described.slice(-columns.length).map(({ type }) => type);
  const values = types.map((type, k) => `${presentValue(`c${k}`, type, missingValues)} as c${k}`);
  const facts = "file_index, place, line, fault, content";
  await db.run(
    `create or replace view ${quoteName(view)} as select ${[facts, ...values].join(", ")} from ${stored}`,
  );
  // Of some files, the keys that all of them lack say nothing.
  if (format === "json" && known === undefined) await refuseMissingKeys(db, view, files, columns);
  const { isUnordered, text } = opened;
  return { files, types, isUnordered, ...(text && { text }) };
}

/**
 * The type of each requested column over all files, as {@link OpenedFiles} gives it, found without reading rows.
 *
 * @throws `INPUT_INVALID` for a column or file that cannot be read
 */
export async function columnTypes(
  db: Database,
  { files, columns, csv }: Pick<OpenFilesOptions, "files" | "columns" | "csv">,
): Promise<readonly string[]> {
  await loadRemote(db, files);
  for (const file of files) await refuseForeignContent(file);
  const format = formatOf(files);
  if (format === "parquet") {
    const { select } = await parquetSource(db, files, columns);
    return (await describeQuery(db, select, {})).slice(-columns.length).map(({ type }) => type);
  }
  if (format === "csv") for (const file of files) await csvLayout(db, file, { columns, csv });
  return columns.map(() => "VARCHAR");
}

function formatOf(files: readonly SourceFile[]): FileFormat | undefined {
  const [first, other] = new Map(files.map((file) => [file.format, file])).values();
  if (other === undefined) return first?.format;
  throw new FlowError(
    "INPUT_INVALID",
    `${first?.path ?? ""} and ${other.path} have different formats; give files of one format`,
  );
}

async function textSource(
  db: Database,
  options: OpenFilesOptions,
): Promise<ParquetSource & { readonly text: TextPlaces }> {
  const { files, view, csv } = options;
  const layoutOf = (file: SourceFile) => csvLayout(db, file, options);
  const opened = await openText(db, {
    ...{ files, columns: options.columns, site: options.site, layoutOf, name: view },
    ...(options.known?.texts && { known: options.known.texts }),
  });
  const { sql, rows, known } = opened;
  const firstLine = files[0]?.format === "csv" && csv.header ? 2 : 1;
  return { select: sql, isUnordered: false, text: { rows, firstLine, known } };
}
