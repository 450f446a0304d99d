import { FlowError } from "../../../base/errors.ts";
import { subjects, type Subject } from "../../../base/terms.ts";
import type { Database } from "../../../tables/database.ts";
import { countReasons, type ReasonCount } from "./bad-rows.ts";
import {
  findTyping,
  usesDictionary,
  type ColumnReadings,
  type ColumnTyping,
} from "./columns/find-typing.ts";
import { idFault, idValue } from "./columns/id-value.ts";
import { ratingValue, valueFault, valueName, weightValue } from "./columns/rating-value.ts";
import { firstDay, timeFault, timeValue } from "./columns/time-value.ts";
import { dayAfterTomorrow } from "./columns/value-forms.ts";
import {
  mappedColumns,
  roleColumns,
  wantedColumns,
  type RoleColumns,
} from "./columns/wanted-columns.ts";
import { refuseBooleanRatings } from "./checks/refuse-foreign-values.ts";
import { refuseLostIds, type IdColumn } from "../../../tables/source-ids/refuse-lost-ids.ts";
import { namesOf, type WantedColumn } from "./file-errors.ts";
import { createView } from "./create-view.ts";
import type { SourceSite } from "../source.ts";
import type { MappedColumn } from "../source-report.ts";
import type { SourceFile } from "./find-files.ts";
import { openFiles, type KnownFiles, type OpenedFiles } from "./open-files.ts";
import type { FilesSettings } from "./settings.ts";
import { namingDamaged } from "./name-damaged.ts";
import { placedRows, placeRows, startsOf } from "./stage-rows.ts";

/** The interactions behind the view `source_checked`. */
export interface OpenedInteractions {
  readonly opened: OpenedFiles;
  readonly typing: ColumnTyping;
  readonly counts: readonly ReasonCount[];
  readonly mapping: readonly MappedColumn[];
}

type Mapping = Pick<FilesSettings, "columns" | "csv" | "ids" | "until" | "missingValues">;

export interface OpenRawOptions {
  readonly files: readonly SourceFile[];
  readonly settings: Pick<Mapping, "columns" | "csv" | "missingValues">;
  readonly site: SourceSite;
  /** Where the files are some of all: what is known of all. */
  readonly known?: KnownFiles;
}

/** Interactions as they are written: the view `source_raw`. */
export interface RawInteractions {
  readonly columns: readonly WantedColumn[];
  readonly opened: OpenedFiles;
  readonly roles: RoleColumns;
  /** SQL of the rows of `source_raw` with their places. */
  readonly rows: string;
}

/** Opens the interactions: the view `source_raw`. */
export async function openRaw(
  db: Database,
  { files, settings, site, known }: OpenRawOptions,
): Promise<RawInteractions> {
  const { csv, missingValues } = settings;
  const columns = wantedColumns(settings);
  const opened = await openFiles(db, {
    ...{ view: "source_raw", files, columns, csv, missingValues, site },
    ...(known && { known }),
  });
  const roles = roleColumns(settings, opened.types);
  return { columns, opened, roles, rows: placedRows("source_raw", opened) };
}

/** @throws `INPUT_INVALID` for more files than a row's `file_row` can name */
export function refuseManyFiles(files: readonly SourceFile[]): void {
  if (files.length <= 8191) return;
  throw new FlowError(
    "INPUT_INVALID",
    `dataset.interactions: ${files.length} files are more than the 8,191 that can be read; merge some`,
  );
}

export interface JudgeOptions {
  readonly settings: Pick<Mapping, "columns" | "until">;
  readonly site: SourceSite;
  readonly typing: ColumnReadings;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  /** Keeps the content of valid rows too, because some may be left out later. */
  readonly keepsContent: boolean;
  /** Copies the rows also of Parquet files, because they are read several times. */
  readonly isStaged: boolean;
  /** Where the files are some of all: number of rows in those before them. Default 0. */
  readonly rowsBefore?: number;
}

/** Types and checks every row of `source_raw`: the view `source_checked`. */
export async function judgeRaw(
  db: Database,
  { opened, roles, rows }: RawInteractions,
  { settings, site, typing, nowMs, keepsContent, isStaged, rowsBefore = 0 }: JudgeOptions,
): Promise<void> {
  await makeViews(db, settings, roles, { opened, rows, typing, nowMs, rowsBefore });
  const select = keepsContent
    ? "select * from source_judged"
    : "select * replace (if(reason is null, null, content) as content) from source_judged";
  await placeRows(db, { view: "source_checked", select, isStaged }, opened, site);
}

export interface OpenInteractionsOptions extends OpenRawOptions {
  readonly settings: Mapping;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  /** Keeps the content of valid rows too, because some may be left out later. */
  readonly keepsContent: boolean;
}

/** Opens the interactions, detects what the settings leave open, and checks every row: the view `source_checked`. */
export async function openInteractions(
  db: Database,
  options: OpenInteractionsOptions,
): Promise<OpenedInteractions> {
  const { files, settings, nowMs } = options;
  refuseManyFiles(files);
  const raw = await openRaw(db, options);
  const { columns, opened, roles } = raw;
  return namingDamaged(db, "source_raw", opened, async () => {
    const typing = await findTyping(db, { ...raw, settings, files, nowMs });
    await judgeRaw(db, raw, { ...options, typing, isStaged: usesDictionary(typing) });
    for (const side of subjects) {
      if (typing[side] !== "dictionary") continue;
      await refuseLostIds(db, { ...checkedIds(side), text: idColumnText(side, settings, files) });
    }
    const mapping = mappedColumns(columns, opened.types, typing.taken);
    const counts = await countReasons(db, "source_checked");
    if (counts.some(({ reason }) => reason === valueFault(settings.columns))) {
      await refuseBooleans(db, roles, settings, files);
    }
    return { opened, typing, mapping, counts };
  });
}

/** The ids of `source_checked` that a dictionary numbers. */
export function checkedIds(side: Subject): Omit<IdColumn, "text"> {
  return { from: "source_checked", column: `${side}_id`, type: "VARCHAR" };
}

/** What messages call the column of ids. */
export function idColumnText(
  side: Subject,
  { columns }: Pick<Mapping, "columns">,
  files: readonly SourceFile[],
): string {
  return `dataset.columns.${side}: column ${columns[side]} of ${namesOf(files)}`;
}

/** Checks that the ratings of `source_raw`, if there are any, are not true and false. */
export async function refuseBooleans(
  db: Database,
  { value }: RoleColumns,
  { columns: { rating } }: Pick<Mapping, "columns">,
  files: readonly SourceFile[],
): Promise<void> {
  if (rating === undefined) return;
  const setting = "dataset.columns.rating";
  await refuseBooleanRatings(db, "source_raw", { ...value, name: rating, setting, files });
}

async function makeViews(
  db: Database,
  { columns, until }: Pick<Mapping, "columns" | "until">,
  { user, item, time, value, weight }: RoleColumns,
  {
    opened,
    rows,
    typing,
    nowMs,
    rowsBefore,
  }: Pick<RawInteractions, "opened" | "rows"> &
    Pick<JudgeOptions, "typing" | "nowMs"> & { readonly rowsBefore: number },
): Promise<void> {
  const isOrdered = time === undefined;
  const instant = isOrdered
    ? `place as time_raw, ${await orderedTime(db, opened, rows, rowsBefore)} as ts`
    : `${time.column} as time_raw, ${timeValue(time.column, time.type, typing.time)} as ts`;
  const batchWeight =
    weight === undefined
      ? "null as weight_raw, 1::float as weight"
      : `${weight.column} as weight_raw, ${weightValue(weight.column, weight.type)} as weight`;
  await db.run(
    "create or replace view source_typed as select file_index, place, line, fault, content, " +
      `${user.column} as user_raw, ${item.column} as item_raw, ${value.column} as value_raw, ` +
      `${idValue(user.column, user.type, typing.user)} as user_id, ${idValue(item.column, item.type, typing.item)} as item_id, ` +
      `${ratingValue(value.column, value.type, columns)} as rating, ${instant}, ${batchWeight} from ${isOrdered ? rows : "source_raw"}`,
  );
  await createView(db, "source_judged", "source/checked_rows", {
    user_fault: idFault("user", user.type, typing.user),
    item_fault: idFault("item", item.type, typing.item),
    value_name: valueName(columns),
    value_fault: valueFault(columns),
    time_fault: timeFault(typing.time),
    weight_fault: "the weight is not a finite number of at least 0",
    from: firstDay(typing.time),
    until: until ?? new Date(dayAfterTomorrow(nowMs)).toISOString().slice(0, 10),
  });
}

/** SQL of the time of a row that is only known by its place: the rows of all files are a second apart. */
async function orderedTime(
  db: Database,
  opened: OpenedFiles,
  placed: string,
  before: number,
): Promise<string> {
  const rows = await rowsOfFiles(db, opened, placed);
  return `make_timestamp((${before} + list_extract(${startsOf(rows)}::bigint[], file_index + 1) + place) * 1000000)`;
}

/**
 * Number of rows of each file.
 *
 * @param placed - SQL of their rows with their places
 */
export async function rowsOfFiles(
  db: Database,
  { files, text }: Pick<OpenedFiles, "files" | "text">,
  placed: string,
): Promise<readonly number[]> {
  if (text !== undefined) return text.rows;
  const sizes = await db.rows(
    `select file_index, max(place) + 1 as rows from ${placed} group by file_index`,
  );
  const rows = new Map(sizes.map((size) => [Number(size["file_index"]), Number(size["rows"])]));
  return files.map((_, index) => rows.get(index) ?? 0);
}
