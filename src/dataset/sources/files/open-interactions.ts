import { FlowError } from "../../../base/errors.ts";
import type { Database } from "../../../tables/database.ts";
import { sqlFile } from "../../../tables/sql-file.ts";
import { countReasons, type ReasonCount } from "./bad-rows.ts";
import {
  idValue,
  isTimestamp,
  ratingValue,
  timeValue,
  unitNames,
  valueFaults,
  weightValue,
  type IdKind,
  type TimeUnit,
} from "./column-values.ts";
import { createView } from "./create-view.ts";
import type { SourceSite } from "../source.ts";
import type { MappedColumn } from "../source-report.ts";
import type { WantedColumn } from "./file-errors.ts";
import type { SourceFile } from "./find-files.ts";
import { openFiles, type OpenedFiles } from "./open-files.ts";
import type { FilesSettings } from "./settings.ts";
import { placeRows } from "./stage-rows.ts";

/** How the columns of the interactions are read, detected where the settings leave it open. */
export interface ColumnTyping {
  readonly user: IdKind;
  readonly item: IdKind;
  readonly time: TimeUnit;
}

/** Whether a dictionary numbers the ids of users or items. */
export function usesDictionary({ user, item }: Pick<ColumnTyping, "user" | "item">): boolean {
  return user === "dictionary" || item === "dictionary";
}

/** The interactions behind the view `source_checked`. */
export interface OpenedInteractions {
  readonly opened: OpenedFiles;
  readonly typing: ColumnTyping;
  readonly counts: readonly ReasonCount[];
  readonly mapping: readonly MappedColumn[];
}

type Mapping = Pick<FilesSettings, "columns" | "csv" | "ids" | "until">;

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
  const columns = wantedColumns(settings);
  const opened = await openFiles(db, {
    ...{ view: "source_raw", files, columns, csv: settings.csv, site },
  });
  const typing = await findTyping(db, settings, opened);
  await makeViews(db, settings, opened, typing, nowMs);
  await placeRows(
    db,
    {
      view: "source_checked",
      select: keepsContent
        ? "select * from source_judged"
        : "select * replace (if(reason is null, null, content) as content) from source_judged",
      isStaged: usesDictionary(typing),
    },
    opened,
    site,
  );
  const mapping = mappingOf(columns, opened, typing);
  return { opened, typing, mapping, counts: await countReasons(db, "source_checked") };
}

/** In the order of the views' columns: user, item, time, rating or label or event, and weight if there is one. */
function wantedColumns({ columns }: Mapping): readonly WantedColumn[] {
  const { user, item, time, rating, label, event, weight } = columns;
  const value = rating ?? label ?? event ?? "";
  const key = rating !== undefined ? "rating" : label !== undefined ? "label" : "event";
  const roles = { user, item, time, [key]: value, ...(weight !== undefined && { weight }) };
  return Object.entries(roles).map(([role, name]) => ({
    name,
    setting: `dataset.columns.${role}`,
  }));
}

function mappingOf(
  columns: readonly WantedColumn[],
  { types }: OpenedFiles,
  { user, item, time }: ColumnTyping,
): readonly MappedColumn[] {
  const taken = [idKinds[user], idKinds[item], unitNames[time], ""];
  return columns.map(({ name, setting }, place) => ({
    role: setting.slice(setting.lastIndexOf(".") + 1),
    name,
    type: types[place] ?? "",
    taken: taken[place] ?? "",
  }));
}

const idKinds: Readonly<Record<IdKind, string>> = {
  integer: "integer ids, kept",
  dictionary: "texts, numbered",
};

async function findTyping(
  db: Database,
  { columns, ids }: Mapping,
  { types, files }: OpenedFiles,
): Promise<ColumnTyping> {
  const [first] = await db.rows(sqlFile("source/first_rows"));
  const rows = Number(first?.["rows"]);
  const kindOf = (side: "users" | "items"): IdKind => {
    if (ids !== "auto") return ids;
    return rows > 0 && 2 * Number(first?.[`integer_${side}`]) <= rows ? "dictionary" : "integer";
  };
  const [, , timeType = ""] = types;
  const median = first?.["median_time"];
  if (files.length > 8191) {
    throw new FlowError(
      "INPUT_INVALID",
      `dataset.interactions: ${files.length} files are more than the 8,191 that can be read; merge some`,
    );
  }
  return {
    user: kindOf("users"),
    item: kindOf("items"),
    time: unitOf(columns.timeUnit, timeType, typeof median === "number" ? median : null),
  };
}

/** Detects the unit by size: today is 1.8e9 s, 1.8e12 ms, 1.8e15 us, 1.8e18 ns. */
function unitOf(
  given: FilesSettings["columns"]["timeUnit"],
  type: string,
  median: number | null,
): TimeUnit {
  if (isTimestamp(type)) return "timestamp";
  if (given !== "auto") return given;
  if (median === null) return "iso";
  if (median < 1e11) return "s";
  if (median < 1e14) return "ms";
  return median < 1e17 ? "us" : "ns";
}

async function makeViews(
  db: Database,
  { columns, until }: Mapping,
  { types }: OpenedFiles,
  typing: ColumnTyping,
  nowMs: number,
): Promise<void> {
  const [user = "", item = "", time = "", value = "", weight = ""] = types;
  const batchWeight =
    columns.weight === undefined
      ? "null as weight_raw, 1::float as weight"
      : `c4 as weight_raw, ${weightValue("c4", weight)} as weight`;
  await db.run(
    "create or replace view source_typed as select file_index, place, line, fault, content, " +
      "c0 as user_raw, c1 as item_raw, c2 as time_raw, c3 as value_raw, " +
      `${idValue("c0", user, typing.user)} as user_id, ${idValue("c1", item, typing.item)} as item_id, ` +
      `${ratingValue("c3", value, columns)} as rating, ${timeValue("c2", time, typing.time)} as ts, ${batchWeight} from source_raw`,
  );
  await createView(db, "source_judged", "source/checked_rows", {
    ...valueFaults(typing, typing.time, columns),
    until: until ?? new Date(nowMs + 2 * dayMs).toISOString().slice(0, 10),
  });
}

const dayMs = 24 * 60 * 60 * 1000;
