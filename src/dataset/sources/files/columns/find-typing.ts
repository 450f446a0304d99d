import type { Subject } from "../../../../base/terms.ts";
import type { Database, Row } from "../../../../tables/database.ts";
import type { SourceFile } from "../find-files.ts";
import type { FilesSettings } from "../settings.ts";
import { fileStep } from "../stage-rows.ts";
import { isInstant } from "./column-type.ts";
import type { IdKind } from "./id-value.ts";
import { readingOf, type TimeForm } from "./time-forms.ts";
import { readingText, type TimeReading } from "./time-value.ts";
import { valueForms, type ValueFormsOptions } from "./value-forms.ts";
import type { RoleColumns, ViewColumn } from "./wanted-columns.ts";

/** How the columns of the interactions are read, detected where the settings leave it open. */
export interface ColumnReadings {
  readonly user: IdKind;
  readonly item: IdKind;
  readonly time: TimeReading;
}

export interface ColumnTyping extends ColumnReadings {
  /** The same in words, by role. */
  readonly taken: Readonly<Record<Subject | "time", string>>;
}

/** Whether a dictionary numbers the ids of users or items. */
export function usesDictionary({ user, item }: Pick<ColumnReadings, "user" | "item">): boolean {
  return user === "dictionary" || item === "dictionary";
}

export interface FindTypingOptions extends ValueFormsOptions {
  readonly settings: Pick<FilesSettings, "columns" | "ids" | "until">;
  readonly files: readonly SourceFile[];
}

/**
 * Decides how ids and times of the view `source_raw` are read. What the settings leave open is decided by all rows of all files.
 *
 * @throws `INPUT_INVALID` for times that cannot be told
 */
export async function findTyping(db: Database, options: FindTypingOptions): Promise<ColumnTyping> {
  const { settings, roles, rows } = options;
  const forms = isTypingOpen(settings, roles) ? await valueForms(db, options) : [];
  const showValue: ShowValue = (column, fileRow) => valueAt(db, { ...column, rows }, fileRow);
  const typing = await typingOf(forms, { ...options, showValue });
  const taken = (side: Subject): Promise<string> =>
    takenText(side, settings.ids, forms, (fileRow) => showValue(roles[side], fileRow));
  return {
    ...typing,
    taken: { user: await taken("user"), item: await taken("item"), time: readingText(typing.time) },
  };
}

/** Whether settings and types of columns leave open how ids or times are read. */
export function isTypingOpen(
  settings: Pick<FilesSettings, "columns" | "ids">,
  roles: RoleColumns,
): boolean {
  return settings.ids === "auto" || givenReading(settings, roles) === null;
}

/** Gives a value of a row, by its `file_row`, as a short text for messages. */
export type ShowValue = (column: ViewColumn, fileRow: number) => Promise<string>;

export interface TypingOptions {
  readonly settings: Pick<FilesSettings, "columns" | "ids">;
  readonly roles: RoleColumns;
  /** All files. */
  readonly files: readonly SourceFile[];
  readonly showValue: ShowValue;
}

/**
 * Decides by the forms of all values, as {@link valueForms} gives them, how ids and times are read.
 *
 * @throws `INPUT_INVALID` for times that cannot be told
 */
export async function typingOf(
  forms: readonly Row[],
  { settings, roles, files, showValue }: TypingOptions,
): Promise<ColumnReadings> {
  const { columns, ids } = settings;
  const { time } = roles;
  const first = async (fileRow: number): Promise<string> => {
    const text = time === undefined ? "" : await showValue(time, fileRow);
    return `${text} in ${files[Math.floor(fileRow / fileStep)]?.path ?? ""}`;
  };
  const column = `dataset.columns.time: column ${columns.time} of ${filesText(files)}`;
  return {
    user: idKind("user", ids, forms),
    item: idKind("item", ids, forms),
    time: givenReading(settings, roles) ?? (await readingOf(timeForms(forms, first), column)),
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

/** Ids are integers if every one is; one that is none makes all of them texts, so that none is lost. */
function idKind(side: Subject, ids: FilesSettings["ids"], forms: readonly Row[]): IdKind {
  if (ids !== "auto") return ids;
  const [rows, integers] = idCounts(side, forms);
  return rows === integers ? "integer" : "dictionary";
}

/** Rows with an id, and those of them whose id is an integer. */
function idCounts(side: Subject, forms: readonly Row[]): readonly [rows: number, integers: number] {
  const sum = (name: string): number => forms.reduce((all, row) => all + Number(row[name]), 0);
  return [sum(`${side}s`), sum(`integer_${side}s`)];
}

/** How ids are read, in words, and why. */
async function takenText(
  side: Subject,
  ids: FilesSettings["ids"],
  forms: readonly Row[],
  show: (fileRow: number) => Promise<string>,
): Promise<string> {
  if (idKind(side, ids, forms) === "integer") return "integer ids, kept";
  const taken = "texts, numbered";
  const [rows, integers] = idCounts(side, forms);
  if (ids === "dictionary" || integers === 0) return taken;
  const firsts = forms.flatMap((row) => row[`first_${side}`] ?? []).map(Number);
  const example = await show(Math.min(...firsts));
  const [others, all] = [rows - integers, rows].map((count) => count.toLocaleString("en"));
  return `${taken}, because ${others} of ${all} are no integers from 1 to 2147483647, the first ${example}`;
}

function timeForms(
  forms: readonly Row[],
  first: (fileRow: number) => Promise<string>,
): readonly TimeForm[] {
  return forms
    .filter((row) => row["time_form"] !== null)
    .map((row) => ({
      form: String(row["time_form"]),
      rows: Number(row["rows"]),
      least: Number(row["least"]),
      most: Number(row["most"]),
      first: () => first(Number(row["first_row"])),
    }));
}

/** A column, and SQL of the rows that have it with their places. */
interface PlacedColumn extends ViewColumn {
  readonly rows: string;
}

/** A value of a row, for messages. */
export async function valueAt(
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
