/** @file SQL that turns a column of any type into typed values, null where a value is invalid. */
import type { Subject } from "../../../base/terms.ts";
import { quote } from "../../../tables/quote.ts";
import type { FileColumns } from "./settings.ts";

/** How ids of users or items are read: as integers, or as texts that a dictionary numbers. */
export type IdKind = "integer" | "dictionary";

/** Unit of a time; timestamp: given by the column's type. */
export type TimeUnit = Exclude<FileColumns["timeUnit"], "auto"> | "timestamp";

const wholeTypes = /^U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)$/;
const otherNumbers = /^(FLOAT|DOUBLE|DECIMAL\(.*\))$/;

/** Whether a column of this type holds instants, which need no unit. */
export function isTimestamp(type: string): boolean {
  return /^(DATE|TIMESTAMP.*)$/.test(type);
}

/** An id: INTEGER from 1, or VARCHAR of 1 to 256 characters without control characters. */
export function idValue(column: string, type: string, kind: IdKind): string {
  const text = asText(column, type);
  if (kind === "dictionary") {
    return `if(length(${text}) between 1 and 256 and not regexp_matches(${text}, '[[:cntrl:]]'), ${text}, null)`;
  }
  if (wholeTypes.test(type)) {
    return `if(${column} between 1 and 2147483647, cast(${column} as integer), null)`;
  }
  // A plain cast would read 1.5 as 2, 1e3 as 1000 and 0x1F as 31.
  const integer = `try_cast(${text} as integer)`;
  return (
    `case when ${isPlain(text)} then if(${integer} > 0, ${integer}, null) ` +
    `when regexp_full_match(${text}, '[1-9][0-9]{0,9}([.]0+)?') then ${integer} end`
  );
}

/** An instant as TIMESTAMP in UTC, between 1970 and the year 10000. */
export function timeValue(column: string, type: string, unit: TimeUnit): string {
  if (type === "TIMESTAMP WITH TIME ZONE") return finite(`${column} at time zone 'UTC'`);
  if (isTimestamp(type)) return finite(`cast(${column} as timestamp)`);
  const text = asText(column, type);
  if (unit === "iso" || unit === "timestamp") {
    // A cast to TIMESTAMP would drop the offset.
    const hasOffset = `regexp_matches(${text}, ':[0-9]{2}([.][0-9]+)?[ ]*(Z|UTC|[+-][0-9]{2}(:?[0-9]{2})?)$')`;
    return finite(
      `if(${hasOffset}, try_cast(${text} as timestamptz) at time zone 'UTC', try_cast(${text} as timestamp))`,
    );
  }
  if (wholeTypes.test(type)) return sinceEpoch(column, unit);
  const fraction = `make_timestamp(cast(floor(cast(${text} as double) * ${microseconds[unit]}) as bigint))`;
  return (
    `case when ${isPlain(text)} then ${sinceEpoch(`try_cast(${text} as bigint)`, unit)} ` +
    `when regexp_full_match(${text}, '[0-9]{1,19}([.]0*)?') ` +
    `then ${sinceEpoch(`try_cast(regexp_extract(${text}, '^[0-9]+') as bigint)`, unit)} ` +
    `when regexp_full_match(${text}, '[0-9]{1,12}[.][0-9]+') then ${fraction} end`
  );
}

/** A rating as FLOAT: finite, and 0 or 1 where the column is a label or an event type. */
export function ratingValue(
  column: string,
  type: string,
  { rating, label, positiveEvents }: FileColumns,
): string {
  const text = asText(column, type);
  if (rating !== undefined) {
    const number = `try_cast(${numberOf(column, type)} as float)`;
    return `if(isfinite(${number}), ${number}, null)`;
  }
  if (label !== undefined) {
    return `case when lower(${text}) in ('1', 'true', '1.0') then 1::float when lower(${text}) in ('0', 'false', '0.0') then 0::float end`;
  }
  return `if(${column} is null, null, cast(${text} in (${positiveEvents.map(quote).join(", ")}) as float))`;
}

/** A weight as FLOAT: finite and at least 0. */
export function weightValue(column: string, type: string): string {
  const number = `try_cast(${numberOf(column, type)} as float)`;
  return `if(isfinite(${number}) and ${number} >= 0, ${number}, null)`;
}

/** The reason given for a row with an invalid id. */
export function idFault(side: Subject, kind: IdKind): string {
  return kind === "integer"
    ? `the ${side} id is not an integer from 1 to 2147483647`
    : `the ${side} id is not a text of 1 to 256 characters without control characters`;
}

/** The reasons given for rows with invalid values. */
export function valueFaults(
  kinds: { readonly user: IdKind; readonly item: IdKind },
  unit: TimeUnit,
  { rating, label }: FileColumns,
): {
  user_fault: string;
  item_fault: string;
  value_name: string;
  value_fault: string;
  time_fault: string;
  weight_fault: string;
} {
  const name = rating !== undefined ? "rating" : label !== undefined ? "label" : "event type";
  return {
    user_fault: idFault("user", kinds.user),
    item_fault: idFault("item", kinds.item),
    value_name: name,
    value_fault: `the ${name} is not ${rating !== undefined ? "a finite number" : "0 or 1"}`,
    time_fault: `the time is not ${unitNames[unit]}`,
    weight_fault: "the weight is not a finite number of at least 0",
  };
}

/** Units of time in words. */
export const unitNames: Readonly<Record<TimeUnit, string>> = {
  s: "in seconds since 1970",
  ms: "in milliseconds since 1970",
  us: "in microseconds since 1970",
  ns: "in nanoseconds since 1970",
  iso: "a date and time such as 2020-01-31T12:00:00Z",
  timestamp: "an instant",
};

/** Microseconds per unit. */
const microseconds = { s: "1000000", ms: "1000", us: "1", ns: "0.001" } as const;

/** The instant of a whole number, from 1970 to before the year 10000, which begins at second 253,402,300,800. */
function sinceEpoch(number: string, unit: keyof typeof microseconds): string {
  const most = { s: "253402300799", ms: "253402300799999", us: "253402300799999999" };
  if (unit === "ns") {
    return `case when ${number} >= 0 then make_timestamp(cast(${number} as bigint) // 1000) end`;
  }
  return `case when ${number} between 0 and ${most[unit]} then make_timestamp(cast(${number} as bigint) * ${microseconds[unit]}) end`;
}

/** Whether a text is a whole number in its usual form: takes a third of the time of a pattern. */
function isPlain(text: string): string {
  return `${text} = cast(try_cast(${text} as bigint) as varchar)`;
}

function finite(timestamp: string): string {
  return `if(isfinite(${timestamp}), ${timestamp}, null)`;
}

/** A column to cast to a number: as text unless its type is numeric. */
function numberOf(column: string, type: string): string {
  return wholeTypes.test(type) || otherNumbers.test(type) ? column : asText(column, type);
}

function asText(column: string, type: string): string {
  return type === "VARCHAR" ? column : `cast(${column} as varchar)`;
}
