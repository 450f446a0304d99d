/** @file SQL of times as TIMESTAMP in UTC, null where a time is invalid. */
import { quote } from "../../../../tables/quote.ts";
import { asText, isFloating, isInstant, isWhole } from "./column-type.ts";
import { isoValue } from "./iso-value.ts";

export type EpochUnit = "s" | "ms" | "us" | "ns";

/** How a column of times is read. */
export type TimeReading =
  /** As instants, which the column's type gives. */
  | { readonly how: "instant" }
  /** As numbers since 1970. Where the unit was detected, times before 1990 are bad. */
  | { readonly how: "epoch"; readonly unit: EpochUnit; readonly isDetected: boolean }
  /** As days since 1899-12-30, as spreadsheets count. */
  | { readonly how: "excel" }
  /** As texts such as 2020-01-31T12:00:00Z. */
  | { readonly how: "iso" }
  /** As texts in a format of strptime. */
  | { readonly how: "format"; readonly format: string }
  /** Not at all: rows are a second apart, in their order. */
  | { readonly how: "order" };

/** Times before this are implausible where the unit of numbers is detected. */
export const firstPlausible = "1990-01-01";

/** An instant as TIMESTAMP in UTC, between 1970 and the year 10000. */
export function timeValue(column: string, type: string, reading: TimeReading): string {
  if (type === "TIMESTAMP WITH TIME ZONE") return finite(`${column} at time zone 'UTC'`);
  if (isInstant(type)) return finite(`cast(${column} as timestamp)`);
  switch (reading.how) {
    case "epoch":
      return sinceEpoch(column, type, reading.unit);
    case "excel":
      return excelDay(column, type);
    case "format":
      return formatted(wholeText(column, type), reading.format);
    case "iso":
    case "instant":
    case "order":
      return finite(isoValue(asText(column, type)));
  }
}

/** How a column is read, in words: "in seconds since 1970". */
export function readingText(reading: TimeReading): string {
  switch (reading.how) {
    case "instant":
      return "an instant";
    case "epoch":
      return `in ${unitNames[reading.unit]} since 1970`;
    case "excel":
      return "in days since 1899-12-30, as spreadsheets count";
    case "iso":
      return "a date and time such as 2020-01-31T12:00:00Z";
    case "format":
      return `a time written as ${reading.format}`;
    case "order":
      return "from 1970-01-01 on and a second apart";
  }
}

/** The reason given for a row with an invalid time. */
export function timeFault(reading: TimeReading): string {
  return `the time is not ${readingText(reading)}`;
}

/** The first day of plausible times. */
export function firstDay(reading: TimeReading): string {
  return reading.how === "epoch" && reading.isDetected ? firstPlausible : "1970-01-01";
}

const unitNames: Readonly<Record<EpochUnit, string>> = {
  s: "seconds",
  ms: "milliseconds",
  us: "microseconds",
  ns: "nanoseconds",
};

/** Microseconds per unit. */
const microseconds: Readonly<Record<EpochUnit, string>> = {
  ...{ s: "1000000", ms: "1000" },
  ...{ us: "1", ns: "0.001" },
};

/** Most microseconds: the year 10000 begins at second 253,402,300,800. */
const mostUs = "253402300799999999";

function sinceEpoch(column: string, type: string, unit: EpochUnit): string {
  if (isWhole(type)) return wholeSinceEpoch(column, unit);
  if (isFloating(type)) return microsecond(`round(${column} * ${microseconds[unit]}::double)`);
  const text = asText(column, type);
  const whole = `try_cast(${text} as bigint)`;
  const fraction = microsecond(
    `round(try_cast(${text} as double) * ${microseconds[unit]}::double)`,
  );
  return (
    `case when ${text} = cast(${whole} as varchar) then ${wholeSinceEpoch(whole, unit)} ` +
    `when regexp_full_match(${text}, '[0-9]{1,19}([.]0*)?') ` +
    `then ${wholeSinceEpoch(`try_cast(regexp_extract(${text}, '^[0-9]+') as bigint)`, unit)} ` +
    `when regexp_full_match(${text}, '[0-9]{1,19}[.][0-9]+') then ${fraction} end`
  );
}

function wholeSinceEpoch(number: string, unit: EpochUnit): string {
  const most = { s: "253402300799", ms: "253402300799999", us: mostUs };
  if (unit === "ns") {
    return `case when ${number} >= 0 then make_timestamp(cast(${number} // 1000 as bigint)) end`;
  }
  return `case when ${number} between 0 and ${most[unit]} then make_timestamp(cast(${number} as bigint) * ${microseconds[unit]}) end`;
}

function excelDay(column: string, type: string): string {
  const days =
    isFloating(type) || isWhole(type)
      ? `cast(${column} as double)`
      : `try_cast(${asText(column, type)} as double)`;
  // To the millisecond: a day as a fraction is not more exact.
  return `case when ${days} between 1 and 2958465 then make_timestamp(cast(round((${days} - 25569) * 86400000) as bigint) * 1000) end`;
}

/** A time in a format of strptime; without an offset in UTC. */
function formatted(text: string, format: string): string {
  const parsed = `try_strptime(${text}, ${quote(format)})`;
  const instant = /%[zZ]/.test(format) ? `${parsed} at time zone 'UTC'` : parsed;
  const width = fixedWidth(format);
  return finite(width === null ? instant : `if(length(${text}) = ${width}, ${instant}, null)`);
}

/** The characters of a format of nothing but digits, such as %Y%m%d, where a shorter text could be read in several ways; else null. */
function fixedWidth(format: string): number | null {
  if (!/^(?:%[YmdHMSyj]){2,}$/.test(format)) return null;
  const widths: Readonly<Record<string, number>> = { Y: 4, j: 3 };
  const letters = format.split("%").slice(1);
  return letters.reduce((sum, letter) => sum + (widths[letter] ?? 2), 0);
}

/** A column as text; whole numbers without a fraction of zeros. */
function wholeText(column: string, type: string): string {
  if (!isFloating(type)) return `regexp_replace(${asText(column, type)}, '^([0-9]+)[.]0+$', '\\1')`;
  return `if(${column} = floor(${column}) and abs(${column}) < 1e15, cast(try_cast(${column} as bigint) as varchar), cast(${column} as varchar))`;
}

function microsecond(number: string): string {
  return `case when ${number} between 0 and ${mostUs} then make_timestamp(cast(${number} as bigint)) end`;
}

function finite(timestamp: string): string {
  return `if(isfinite(${timestamp}), ${timestamp}, null)`;
}
