import { FlowError } from "../../../base/errors.ts";
import { describeQuery } from "../../../tables/check-schema.ts";
import type { Database } from "../../../tables/database.ts";
import type { Column } from "../../../tables/schemas/index.ts";
import { plainParquet } from "../../../tables/plain-parquet.ts";
import { quote, quoteName } from "../../../tables/quote.ts";
import type { FileFormat, SourceFile } from "./find-files.ts";
import type { SourceSite } from "../source.ts";
import { missingColumn, unreadableFile, type WantedColumn } from "./file-errors.ts";
import { literalPath } from "./literal-path.ts";
import { loadRemote } from "./load-remote.ts";
import type { CsvSettings } from "./settings.ts";
import { stageText } from "./text/stage-text.ts";

export interface OpenFilesOptions {
  /** Name of the view to create. */
  readonly view: string;
  /** At least one. */
  readonly files: readonly SourceFile[];
  readonly columns: readonly WantedColumn[];
  readonly csv: CsvSettings;
  readonly site: SourceSite;
  /** Indices of text files to read line by line, because they contain bad rows that need a line number. */
  readonly lineByLine?: ReadonlySet<number>;
}

/** The files behind a view. */
export interface OpenedFiles {
  readonly files: readonly SourceFile[];
  /** DuckDB's type of each requested column, in order. Texts are VARCHAR. */
  readonly types: readonly string[];
  /** Indices of text files that were read whole, without line numbers. */
  readonly readWhole: ReadonlySet<number>;
}

/**
 * Creates a view over files: `file_index, place, line, fault, content, c0, c1, …`, one row per row of a Parquet file or record of a text
 * file. `file_index` and `place` count from 0, `line` from 1; `c0` is the first requested column. For a text record that cannot be read,
 * `fault` says why, `content` shows it, and the columns are null.
 *
 * Parquet files stay in place and are not read yet. The requested columns of text files are copied to Parquet in `site.tempDir`.
 *
 * @throws `INPUT_INVALID` for a column or file that cannot be read; `DEPENDENCY_MISSING` for a URL without httpfs
 */
export async function openFiles(db: Database, options: OpenFilesOptions): Promise<OpenedFiles> {
  const { view, files, columns } = options;
  await loadRemote(db, files);
  const isParquet = formatOf(files) === "parquet";
  const opened = isParquet
    ? { source: parquetSource(files), readWhole: new Set<number>() }
    : await stageAll(db, options);
  const names = isParquet
    ? await parquetNames(db, opened.source, options)
    : columns.map((_, k) => `c${k}`);
  const select = names.map((name, k) => `${quoteName(name)} as c${k}`);
  const firstLine = files[0]?.format === "csv" && options.csv.header ? 2 : 1;
  const facts = isParquet
    ? "file_row_number + 1 as line, null::varchar as fault, null::varchar as content"
    : `coalesce(line, file_row_number + ${firstLine}) as line, fault, content`;
  await db.run(
    `create or replace view ${quoteName(view)} as select cast(file_index as bigint) as file_index, file_row_number as place, ${[facts, ...select].join(", ")} from ${opened.source}`,
  );
  const described = await describeQuery(db, `select * from ${quoteName(view)}`, {});
  return {
    files,
    types: described.slice(-columns.length).map(({ type }) => type),
    readWhole: opened.readWhole,
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

async function stageAll(
  db: Database,
  options: OpenFilesOptions,
): Promise<{ readonly source: string; readonly readWhole: ReadonlySet<number> }> {
  const { files, view, lineByLine, site } = options;
  const staged: string[] = [];
  const readWhole = new Set<number>();
  for (const [index, file] of files.entries()) {
    site.signal.throwIfAborted();
    const isByLine = lineByLine?.has(index) ?? false;
    const path = `${site.tempDir}/${view}-${index}${isByLine ? "-lines" : ""}.parquet`;
    const how = await stageText(db, { ...options, file, path, isByLine });
    if (how === "whole") readWhole.add(index);
    staged.push(path);
  }
  return { source: plainParquet(staged), readWhole };
}
