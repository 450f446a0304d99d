import { FlowError } from "../../../base/errors.ts";
import { describeQuery } from "../../../tables/check-schema.ts";
import type { Database } from "../../../tables/database.ts";
import type { Column } from "../../../tables/schemas/index.ts";
import { quote, quoteName } from "../../../tables/quote.ts";
import type { FileFormat, SourceFile } from "./find-files.ts";
import type { SourceSite } from "../source.ts";
import { missingColumn, unreadableFile, type WantedColumn } from "./file-errors.ts";
import { literalPath } from "./literal-path.ts";
import { loadRemote } from "./load-remote.ts";
import { refuseForeignContent } from "./checks/refuse-foreign-content.ts";
import { refuseMissingKeys } from "./checks/refuse-missing-keys.ts";
import type { CsvSettings } from "./settings.ts";
import { openText } from "./text/open-text.ts";

export interface OpenFilesOptions {
  /** Name of the view to create. */
  readonly view: string;
  /** At least one. */
  readonly files: readonly SourceFile[];
  readonly columns: readonly WantedColumn[];
  readonly csv: CsvSettings;
  readonly site: SourceSite;
}

/** The files behind a view. */
export interface OpenedFiles {
  readonly files: readonly SourceFile[];
  /** DuckDB's type of each requested column, in order. Texts are VARCHAR. */
  readonly types: readonly string[];
  /** Text files: where their rows are found among all rows. */
  readonly text?: TextPlaces;
}

/** Places of rows of text files. */
export interface TextPlaces {
  /** Number of rows of each file. */
  readonly rows: readonly number[];
  /** Line of the first row of a file whose rows are its lines. */
  readonly firstLine: number;
}

/**
 * Creates a view over files: `file_index, place, line, fault, content, c0, c1, …`, one row per row of a Parquet file or record of a text
 * file. `file_index` and `place` count from 0, `line` from 1; `c0` is the first requested column. For a text record that cannot be read,
 * `fault` says why, `content` shows it, and the columns are null.
 *
 * Nothing is copied but text files that are not plain. The rows of text files are in order but know their `place` and some of them their
 * `line` only once {@link placeRows} has copied them.
 *
 * @throws `INPUT_INVALID` for a column or file that cannot be read; `DEPENDENCY_MISSING` for a URL without httpfs
 */
export async function openFiles(db: Database, options: OpenFilesOptions): Promise<OpenedFiles> {
  const { view, files, csv } = options;
  await loadRemote(db, files);
  for (const file of files) await refuseForeignContent(file);
  if (formatOf(files) === "parquet") {
    const source = parquetSource(files);
    const names = await parquetNames(db, source, options);
    const values = names.map((name, k) => `${quoteName(name)} as c${k}`);
    return viewOf(
      db,
      options,
      `select cast(file_index as bigint) as file_index, file_row_number as place, file_row_number + 1 as line, ` +
        `null::varchar as fault, null::varchar as content, ${values.join(", ")} from ${source}`,
    );
  }
  const { sql, rows } = await openText(db, { ...options, name: view });
  const firstLine = files[0]?.format === "csv" && csv.header ? 2 : 1;
  const opened = await viewOf(db, options, sql, { rows, firstLine });
  if (formatOf(files) === "json") await refuseMissingKeys(db, view, files, options.columns);
  return opened;
}

async function viewOf(
  db: Database,
  { view, files, columns }: OpenFilesOptions,
  sql: string,
  text?: TextPlaces,
): Promise<OpenedFiles> {
  await db.run(`create or replace view ${quoteName(view)} as ${sql}`);
  const described = await describeQuery(db, `select * from ${quoteName(view)}`, {});
  return {
    files,
    types: described.slice(-columns.length).map(({ type }) => type),
    ...(text && { text }),
  };
}

function formatOf(files: readonly SourceFile[]): FileFormat | undefined {
  const [first, other] = new Map(files.map((file) => [file.format, file])).values();
  if (other === undefined) return first?.format;
  throw new FlowError(
    "INPUT_INVALID",
    `${first?.path ?? ""} and ${other.path} have different formats; give files of one format`,
  );
}

function parquetSource(files: readonly SourceFile[]): string {
  const isPartitioned = files.some(({ path }) =>
    path.split("/").some((part) => part.includes("=")),
  );
  const list = files.map(({ path, bytes }) => (bytes === null ? quote(path) : literalPath(path)));
  return `read_parquet([${list.join(", ")}], hive_partitioning = ${isPartitioned})`;
}

/** Finds the columns in Parquet files. Names are case-insensitive, as in DuckDB. */
async function parquetNames(
  db: Database,
  source: string,
  { files, columns }: OpenFilesOptions,
): Promise<readonly string[]> {
  const path = files[0]?.path ?? "";
  const found = await describeQuery(db, `select * from ${source}`, {}).catch((error: unknown) => {
    throw unreadableFile(files.length === 1 ? path : `${path} and ${files.length - 1} more`, error);
  });
  const names = found.map(({ name }: Pick<Column, "name">) => name);
  const taken = names.find((name) => /^(file_index|file_row_number)$/i.test(name));
  if (taken !== undefined) {
    throw new FlowError(
      "INPUT_INVALID",
      `${path}: the column name ${taken} is reserved for reading; rename it`,
    );
  }
  return columns.map(({ name, setting }) => {
    if (names.some((each) => each.toLowerCase() === name.toLowerCase())) return name;
    throw missingColumn(path, { name, setting }, names);
  });
}
