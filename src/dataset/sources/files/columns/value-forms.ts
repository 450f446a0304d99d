/** @file What all values of a log look like, for settings that leave open how they are read. */
import type { Database, Row, SqlParams } from "../../../../tables/database.ts";
import { sqlFile } from "../../../../tables/sql-file.ts";
import type { FilesSettings } from "../settings.ts";
import { fileStep } from "../stage-rows.ts";
import { asText, isDecimal, isFloating, isInstant, isWhole } from "./column-type.ts";
import { idValue } from "./id-value.ts";
import { isoValue } from "./iso-value.ts";
import { firstPlausible } from "./time-value.ts";
import type { RoleColumns, ViewColumn } from "./wanted-columns.ts";

export interface ValueFormsOptions {
  readonly settings: Pick<FilesSettings, "until">;
  readonly roles: RoleColumns;
  /** SQL of the rows of `source_raw` with their places. */
  readonly rows: string;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
}

/** The rows of `source/value_forms` over the view `source_raw`. */
export async function valueForms(
  db: Database,
  options: ValueFormsOptions,
): Promise<readonly Row[]> {
  const { sql, params } = await valueFormsQuery(db, options);
  return db.rows(sql, params);
}

/** The query of {@link valueForms}: sums and extremes, so that those of several groups of files can be put together. */
export async function valueFormsQuery(
  db: Database,
  { settings: { until }, roles, rows, nowMs }: ValueFormsOptions,
): Promise<{ readonly sql: string; readonly params: SqlParams }> {
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
  return {
    sql: sqlFile("source/value_forms"),
    params: {
      ...{ from_s: fromMs / 1000, until_s: untilMs / 1000 },
      ...{ from_day: dayOf(fromMs), until_day: dayOf(untilMs) },
    },
  };
}

/** SQL of a time as DOUBLE, null where it is no number. */
function numberIn({ column, type }: ViewColumn): string {
  if (isWhole(type) || isDecimal(type)) return `cast(${column} as double)`;
  const number = isFloating(type)
    ? `cast(${column} as double)`
    : `try_cast(${asText(column, type)} as double)`;
  return `if(isfinite(${number}), ${number}, null)`;
}

/** Midnight of the day after tomorrow, since clocks differ; milliseconds since 1970. */
export function dayAfterTomorrow(nowMs: number): number {
  const dayMs = 24 * 60 * 60 * 1000;
  return Math.floor(nowMs / dayMs + 2) * dayMs;
}
