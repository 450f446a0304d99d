import type { Database } from "../../../tables/database.ts";
import { plainParquet } from "../../../tables/files/plain-parquet.ts";
import { quote, quoteName } from "../../../tables/quote.ts";
import type { SourceSite } from "../source.ts";
import type { OpenedFiles } from "./open-files.ts";

type Site = Pick<SourceSite, "tempDir">;

/** A row's `file_row` is index of the file x this + place of the row in it. */
export const fileStep = 2 ** 40;

/** Copies the rows of a query that is read several times or costly to compute to Parquet in `tempDir`, and creates a view of them. */
export async function stageRows(
  db: Database,
  view: string,
  select: string,
  site: Site,
): Promise<void> {
  const path = await copyRows(db, view, select, site);
  await db.run(
    `create or replace view ${quoteName(view)} as select * from ${plainParquet([path])}`,
  );
}

export interface PlacedRows {
  /** View to create. */
  readonly view: string;
  /** Query of all rows of the files in order, with `file_index, place, line`. */
  readonly select: string;
  /** Copies the rows also of Parquet files, because they are slow to compute. */
  readonly isStaged?: boolean;
}

/**
 * Creates a view of the rows of opened files that gives each row its `line` and its `file_row`: index of the file x 2^40 + place of the row
 * in it, both from 0. Rows of text files are copied to Parquet in `tempDir`, because only a copy can number them.
 */
export async function placeRows(
  db: Database,
  { view, select, isStaged = false }: PlacedRows,
  { text }: Pick<OpenedFiles, "text">,
  site: Site,
): Promise<void> {
  const isCopied = text !== undefined || isStaged;
  const source = isCopied
    ? plainParquet([await copyRows(db, view, select, site)], { hasRowNumber: true })
    : `(${select})`;
  if (text) await requireFileOrder(db, source, text.rows);
  const place = text ? `file_row_number - ${startsOf(text.rows)}[file_index + 1]` : "place";
  const line = text ? `coalesce(line, ${place} + ${text.firstLine})` : "line";
  const left = isCopied ? "place, file_row_number" : "place";
  await db.run(
    `create or replace view ${quoteName(view)} as ` +
      `select file_index * ${fileStep} + ${place} as file_row, * exclude (${left}) replace (${line} as line) from ${source}`,
  );
}

/** Checks that the rows of each file lie together in the order of the files: their places follow from it. */
async function requireFileOrder(
  db: Database,
  source: string,
  rows: readonly number[],
): Promise<void> {
  const [found] = await db.rows(
    `select count(*) filter (file_row_number < ${startsOf(rows)}[file_index + 1]) as early, count(*) as rows from ${source}`,
  );
  const expected = rows.reduce((sum, count) => sum + count, 0);
  if (Number(found?.["early"]) === 0 && Number(found?.["rows"]) === expected) return;
  throw new Error(`internal: the rows of ${rows.length} files were copied in another order`);
}

/**
 * SQL of the rows of a view of opened files with the `place` of each. Numbering rows of text files takes one thread: for messages, and for
 * what only the place tells.
 */
export function placedRows(view: string, { text }: Pick<OpenedFiles, "text">): string {
  if (text === undefined) return quoteName(view);
  const place = `row_number() over () - 1 - ${startsOf(text.rows)}[file_index + 1]`;
  return `(select * replace (${place} as place) from ${quoteName(view)})`;
}

/** Copies rows in their order although several threads work; returns the path of the copy. */
async function copyRows(
  db: Database,
  name: string,
  select: string,
  { tempDir }: Site,
): Promise<string> {
  const path = `${tempDir}/${name}.parquet`;
  await db.run("set preserve_insertion_order = true");
  await db.run(
    `copy (${select}) to ${quote(path)} (format parquet, compression zstd, compression_level 1)`,
  );
  return path;
}

/** SQL list of the number of rows before each file. */
export function startsOf(rows: readonly number[]): string {
  let before = 0;
  const starts = rows.map((count) => {
    const start = before;
    before += count;
    return start;
  });
  return `[${starts.join(", ")}]`;
}
