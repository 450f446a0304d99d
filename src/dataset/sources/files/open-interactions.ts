import { FlowError } from "../../../base/errors.ts";
import { subjects } from "../../../base/terms.ts";
import type { Database } from "../../../tables/database.ts";
import { countReasons, type ReasonCount } from "./bad-rows.ts";
import {
  dayAfterTomorrow,
  findTyping,
  usesDictionary,
  type ColumnTyping,
} from "./columns/find-typing.ts";
import { idFault, idValue } from "./columns/id-value.ts";
import { ratingValue, valueFault, valueName, weightValue } from "./columns/rating-value.ts";
import { firstDay, timeFault, timeValue } from "./columns/time-value.ts";
import {
  mappedColumns,
  roleColumns,
  wantedColumns,
  type RoleColumns,
} from "./columns/wanted-columns.ts";
import { refuseBooleanRatings, refuseCutIds } from "./checks/refuse-foreign-values.ts";
import { createView } from "./create-view.ts";
import type { SourceSite } from "../source.ts";
import type { MappedColumn } from "../source-report.ts";
import type { SourceFile } from "./find-files.ts";
import { openFiles, type OpenedFiles } from "./open-files.ts";
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

export interface OpenInteractionsOptions {
  readonly files: readonly SourceFile[];
  readonly settings: Mapping;
  readonly site: SourceSite;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  /** Keeps the content of valid rows too, because some may be left out later. */
  readonly keepsContent: boolean;
}

/** Opens the interactions, detects what the settings leave open, and checks every row: the view `source_checked`. */
export async function openInteractions(
  db: Database,
  { files, settings, site, nowMs, keepsContent }: OpenInteractionsOptions,
): Promise<OpenedInteractions> {
  const { csv, missingValues } = settings;
  if (files.length > 8191) {
    throw new FlowError(
      "INPUT_INVALID",
      `dataset.interactions: ${files.length} files are more than the 8,191 that can be read; merge some`,
    );
  }
  const columns = wantedColumns(settings);
  const opened = await openFiles(db, {
    ...{ view: "source_raw", files, columns, csv, missingValues, site },
  });
  return namingDamaged(db, "source_raw", opened, async () => {
    const roles = roleColumns(settings, opened.types);
    const rows = placedRows("source_raw", opened);
    const typing = await findTyping(db, { settings, roles, files, rows, nowMs });
    await makeViews(db, settings, roles, { opened, rows, typing, nowMs });
    const select = keepsContent
      ? "select * from source_judged"
      : "select * replace (if(reason is null, null, content) as content) from source_judged";
    const isStaged = usesDictionary(typing);
    await placeRows(db, { view: "source_checked", select, isStaged }, opened, site);
    for (const side of subjects) {
      if (typing[side] !== "dictionary") continue;
      const name = settings.columns[side];
      const setting = `dataset.columns.${side}`;
      await refuseCutIds(db, "source_checked", { column: `${side}_id`, name, setting, files });
    }
    const mapping = mappedColumns(columns, opened.types, typing.taken);
    const counts = await countReasons(db, "source_checked");
    const { rating } = settings.columns;
    if (
      rating !== undefined &&
      counts.some(({ reason }) => reason === valueFault(settings.columns))
    ) {
      const { value } = roles;
      const setting = "dataset.columns.rating";
      await refuseBooleanRatings(db, "source_raw", { ...value, name: rating, setting, files });
    }
    return { opened, typing, mapping, counts };
  });
}

async function makeViews(
  db: Database,
  { columns, until }: Mapping,
  { user, item, time, value, weight }: RoleColumns,
  {
    opened,
    rows,
    typing,
    nowMs,
  }: { opened: OpenedFiles; rows: string; typing: ColumnTyping; nowMs: number },
): Promise<void> {
  const isOrdered = time === undefined;
  const instant = isOrdered
    ? `place as time_raw, ${await orderedTime(db, opened, rows)} as ts`
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
  { files, text }: OpenedFiles,
  placed: string,
): Promise<string> {
  const rows = text?.rows ?? (await countRows(db, files.length, placed));
  return `make_timestamp((list_extract(${startsOf(rows)}::bigint[], file_index + 1) + place) * 1000000)`;
}

/** Number of rows of each file. */
async function countRows(db: Database, files: number, placed: string): Promise<readonly number[]> {
  const sizes = await db.rows(
    `select file_index, max(place) + 1 as rows from ${placed} group by file_index`,
  );
  const rows = new Map(sizes.map((size) => [Number(size["file_index"]), Number(size["rows"])]));
  return Array.from({ length: files }, (_, index) => rows.get(index) ?? 0);
}
