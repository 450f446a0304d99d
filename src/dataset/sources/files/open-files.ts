import { FlowError } from "../../../base/errors.ts";
import { describeQuery } from "../../../tables/check-schema.ts";
import type { Database } from "../../../tables/database.ts";
import { quoteName } from "../../../tables/quote.ts";
import type { FileFormat, SourceFile } from "./find-files.ts";
import type { SourceSite } from "../source.ts";
import { presentValue } from "./columns/missing-values.ts";
import type { WantedColumn } from "./file-errors.ts";
import { literalPath } from "./literal-path.ts";
import { loadRemote } from "./load-remote.ts";
import { parquetSource, type ParquetSource } from "./parquet/parquet-source.ts";
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
  /** Texts that stand for a missing value. */
  readonly missingValues: readonly string[];
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
  /** Whether the view's rows are not in the order of the files. */
  readonly isUnordered: boolean;
}

/**
 * Creates a view over files: `file_index, place, line, fault, content, c0, c1, …`, one row per row of a Parquet file or record of a text
 * file. `file_index` and `place` count from 0, `line` from 1; `c0` is the first requested column. For a text record that cannot be read,
 * `fault` says why, `content` shows it, and the columns are null. Texts are without white space around them, and null where they stand
 * for a missing value.
 *
 * Parquet files stay in place and are not read yet. The requested columns of text files are copied to Parquet in `site.tempDir`.
 *
 * @throws `INPUT_INVALID` for a column or file that cannot be read; `DEPENDENCY_MISSING` for a URL without httpfs
 */
export async function openFiles(db: Database, options: OpenFilesOptions): Promise<OpenedFiles> {
  const { view, files, columns, missingValues } = options;
  await loadRemote(db, files);
  const isParquet = formatOf(files) === "parquet";
  const opened = isParquet
    ? { ...(await parquetSource(db, files, columns)), readWhole: new Set<number>() }
    : await stagedSource(db, options);
  const stored = quoteName(`${view}_stored`);
  await db.run(`create or replace view ${stored} as ${opened.select}`);
  const described = await describeQuery(db, `select * from ${stored}`, {});
  const types = described.slice(-columns.length).map(({ type }) => type);
  const values = types.map((type, k) => `${presentValue(`c${k}`, type, missingValues)} as c${k}`);
  const facts = "file_index, place, line, fault, content";
  await db.run(
    `create or replace view ${quoteName(view)} as select ${[facts, ...values].join(", ")} from ${stored}`,
  );
  return { files, types, readWhole: opened.readWhole, isUnordered: opened.isUnordered };
}

function formatOf(files: readonly SourceFile[]): FileFormat | undefined {
  const [first, other] = new Map(files.map((file) => [file.format, file])).values();
  if (other === undefined) return first?.format;
  throw new FlowError(
    "INPUT_INVALID",
    `${first?.path ?? ""} and ${other.path} have different formats; give files of one format`,
  );
}

async function stagedSource(
  db: Database,
  options: OpenFilesOptions,
): Promise<ParquetSource & Pick<OpenedFiles, "readWhole">> {
  const { files, columns, csv } = options;
  const { source, readWhole } = await stageAll(db, options);
  const firstLine = files[0]?.format === "csv" && csv.header ? 2 : 1;
  const facts = `cast(file_index as bigint) as file_index, file_row_number as place, coalesce(line, file_row_number + ${firstLine}) as line, fault, content`;
  const values = columns.map((_, k) => `c${k}`);
  return {
    select: `select ${[facts, ...values].join(", ")} from ${source}`,
    ...{ isUnordered: false, readWhole },
  };
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
  return { source: `read_parquet([${staged.map(literalPath).join(", ")}])`, readWhole };
}
