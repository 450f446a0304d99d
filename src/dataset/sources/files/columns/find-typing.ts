import type { Subject } from "../../../../base/terms.ts";
import type { Database, Row } from "../../../../tables/database.ts";
import { sqlFile } from "../../../../tables/sql-file.ts";
import type { SourceFile } from "../find-files.ts";
import type { FilesSettings } from "../settings.ts";
import { fileStep } from "../stage-rows.ts";
import { asText, isDecimal, isFloating, isInstant, isWhole } from "./column-type.ts";
import { idValue, type IdKind } from "./id-value.ts";
import { isoValue } from "./iso-value.ts";
import { readingOf, type TimeForm } from "./time-forms.ts";
import { firstPlausible, readingText, type TimeReading } from "./time-value.ts";
import type { RoleColumns, ViewColumn } from "./wanted-columns.ts";

/** How the columns of the interactions are read, detected where the settings leave it open. */
export interface ColumnTyping {
  readonly user: IdKind;
  readonly item: IdKind;
  readonly time: TimeReading;
  /** The same in words, by role. */
  readonly taken: Readonly<Record<Subject | "time", string>>;
}

/** Whether a dictionary numbers the ids of users or items. */
export function usesDictionary({ user, item }: Pick<ColumnTyping, "user" | "item">): boolean {
  return user === "dictionary" || item === "dictionary";
}

export interface FindTypingOptions {
  readonly settings: Pick<FilesSettings, "columns" | "ids" | "until">;
  readonly roles: RoleColumns;
  readonly files: readonly SourceFile[];
  /** SQL of the rows of `source_raw` with their places. */
  readonly rows: string;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
}

/**
 * Decides how ids and times of the view `source_raw` are read. What the settings leave open is decided by all rows of all files.
 *
 * @throws `INPUT_INVALID` for times that cannot be told
 */
export async function findTyping(db: Database, options: FindTypingOptions): Promise<ColumnTyping> {
  const { settings, roles, files, rows } = options;
  const given = givenReading(settings, roles);
  const forms = given !== null && settings.ids !== "auto" ? [] : await valueForms(db, options);
  const user = await idsOf(db, "user", settings.ids, { ...roles.user, rows }, forms);
  const item = await idsOf(db, "item", settings.ids, { ...roles.item, rows }, forms);
  const column = `dataset.columns.time: column ${settings.columns.time} of ${filesText(files)}`;
  const time = given ?? (await readingOf(timeForms(db, forms, options), column));
  return {
    ...{ user: user.kind, item: item.kind, time },
    taken: { user: user.taken, item: item.taken, time: readingText(time) },
  };
}

/** How times are read as far as settings and the column's type say it; null if they leave it open. */
function givenReading(
  { columns: { timeUnit, timeFormat } }: Pick<FilesSettings, "columns">,
  { time }: RoleColumns,
): TimeReading | null {
  if (timeUnit === "order") return { how: "order" };
  if (time !== undefined && isInstant(time.type)) return { how: "instant" };
  if (timeFormat !== undefined) return { how: "format", format: timeFormat };
  if (timeUnit === "auto") return null;
  if (timeUnit === "iso" || timeUnit === "excel") return { how: timeUnit };
  return { how: "epoch", unit: timeUnit, isDetected: false };
}

async function valueForms(
  db: Database,
  { settings: { until }, roles, rows, nowMs }: FindTypingOptions,
): Promise<readonly Row[]> {
  const isInteger = ({ column, type }: ViewColumn): string =>
    `${idValue(column, type, "integer")} is not null`;
  const { user, item, time } = roles;
  const [hasTime, number, isIso] =
    time === undefined || isInstant(time.type)
      ? ["false", "null::double", "false"]
      : [
          `${time.column} is not null`,
          numberIn(time),
          `case when time_number is null then ${isoValue(asText(time.column, time.type))} is not null else false end`,
        ];
  await db.run(
    `create or replace view source_forms as select file_index * ${fileStep} + place as file_row, ` +
      `${user.column} is not null as has_user, ${isInteger(user)} as is_integer_user, ` +
      `${item.column} is not null as has_item, ${isInteger(item)} as is_integer_item, ` +
      `${hasTime} as has_time, ${number} as time_number, ${isIso} as is_iso_time from ${rows} where fault is null`,
  );
  const untilMs = Math.max(dayAfterTomorrow(nowMs), Date.parse(until ?? "1970-01-01"));
  const dayOf = (ms: number): number =>
    Number(new Date(ms).toISOString().slice(0, 10).replaceAll("-", ""));
  const fromMs = Date.parse(firstPlausible);
  return db.rows(sqlFile("source/value_forms"), {
    ...{ from_s: fromMs / 1000, until_s: untilMs / 1000 },
    ...{ from_day: dayOf(fromMs), until_day: dayOf(untilMs) },
  });
}

/** SQL of a time as DOUBLE, null where it is no number. */
function numberIn({ column, type }: ViewColumn): string {
  if (isWhole(type) || isDecimal(type)) return `cast(${column} as double)`;
  const number = isFloating(type)
    ? `cast(${column} as double)`
    : `try_cast(${asText(column, type)} as double)`;
  return `if(isfinite(${number}), ${number}, null)`;
}

/** Ids are integers if every one is; one that is none makes all of them texts, so that none is lost. */
async function idsOf(
  db: Database,
  side: Subject,
  ids: FilesSettings["ids"],
  column: PlacedColumn,
  forms: readonly Row[],
): Promise<{ readonly kind: IdKind; readonly taken: string }> {
  const sum = (name: string): number => forms.reduce((all, row) => all + Number(row[name]), 0);
  const [rows, integers] = [sum(`${side}s`), sum(`integer_${side}s`)];
  if (ids === "integer" || (ids === "auto" && rows === integers)) {
    return { kind: "integer", taken: "integer ids, kept" };
  }
  const taken = "texts, numbered";
  if (ids === "dictionary" || integers === 0) return { kind: "dictionary", taken };
  const firsts = forms.flatMap((row) => row[`first_${side}`] ?? []).map(Number);
  const example = await textAt(db, column, Math.min(...firsts));
  const [others, all] = [rows - integers, rows].map((count) => count.toLocaleString("en"));
  return {
    kind: "dictionary",
    taken: `${taken}, because ${others} of ${all} are no integers from 1 to 2147483647, the first ${example}`,
  };
}

function timeForms(
  db: Database,
  forms: readonly Row[],
  { roles: { time }, files, rows }: FindTypingOptions,
): readonly TimeForm[] {
  return forms
    .filter((row) => row["time_form"] !== null)
    .map((row) => ({
      form: String(row["time_form"]),
      rows: Number(row["rows"]),
      least: Number(row["least"]),
      most: Number(row["most"]),
      first: async () => {
        const fileRow = Number(row["first_row"]);
        const text = time === undefined ? "" : await textAt(db, { ...time, rows }, fileRow);
        return `${text} in ${files[Math.floor(fileRow / fileStep)]?.path ?? ""}`;
      },
    }));
}

/** A column, and SQL of the rows that have it with their places. */
interface PlacedColumn extends ViewColumn {
  readonly rows: string;
}

/** A value of a row, for messages. */
async function textAt(
  db: Database,
  { column, rows }: PlacedColumn,
  fileRow: number,
): Promise<string> {
  const [row] = await db.rows(
    `select regexp_replace(left(cast(${column} as varchar), 40), '[[:cntrl:]]', '�', 'g') as text from ${rows} ` +
      "where file_index = $index and place = $place",
    { index: Math.floor(fileRow / fileStep), place: fileRow % fileStep },
  );
  return String(row?.["text"]);
}

function filesText(files: readonly SourceFile[]): string {
  const others = files.length - 1;
  return `${files[0]?.path ?? ""}${others === 0 ? "" : ` and ${others} more`}`;
}

/** Midnight of the day after tomorrow, since clocks differ; milliseconds since 1970. */
export function dayAfterTomorrow(nowMs: number): number {
  const dayMs = 24 * 60 * 60 * 1000;
  return Math.floor(nowMs / dayMs + 2) * dayMs;
}
