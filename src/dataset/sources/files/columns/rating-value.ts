/** @file SQL of what says whether a user liked an item, and of weights; null where a value is invalid. */
import type { FileColumns } from "../settings.ts";
import { asText, isDecimal, isFloating, isWhole } from "./column-type.ts";
import { isOneOf } from "./missing-values.ts";

/** Whole numbers up to here, 2^53 - 1, keep their value as DOUBLE. */
const mostExact = "9007199254740991";

/**
 * A rating as DOUBLE: finite, below 2^53, and 0 or 1 where the column is a label or an event type. A rating written 0.8 equals a
 * threshold written 0.8, whatever the column's type.
 */
export function ratingValue(
  column: string,
  type: string,
  { rating, label, positiveEvents }: FileColumns,
): string {
  const text = asText(column, type);
  if (rating !== undefined) {
    const number = numberOf(column, type);
    if (isWhole(type)) {
      return `if(${column} between -${mostExact} and ${mostExact}, ${number}, null)`;
    }
    return `if(abs(${number}) <= ${mostExact}::double, ${number}, null)`;
  }
  if (label !== undefined) {
    return `case when lower(${text}) in ('1', 'true', '1.0') then 1::double when lower(${text}) in ('0', 'false', '0.0') then 0::double end`;
  }
  return `if(${column} is null, null, cast(${isOneOf(text, positiveEvents)} as double))`;
}

/** A weight as FLOAT: finite and at least 0. */
export function weightValue(column: string, type: string): string {
  const number = `try_cast(${numberOf(column, type)} as float)`;
  return `if(isfinite(${number}) and ${number} >= 0, ${number}, null)`;
}

/** What the rating is read from. */
export function valueName({ rating, label }: FileColumns): string {
  return rating !== undefined ? "rating" : label !== undefined ? "label" : "event type";
}

/** The reason given for a row with an invalid rating, label or event type. */
export function valueFault(columns: FileColumns): string {
  const isRating = columns.rating !== undefined;
  return `the ${valueName(columns)} is not ${isRating ? "a finite number below 2^53" : "0 or 1"}`;
}

/** A column as DOUBLE, null where it holds no number. A FLOAT is the decimal number it is written as: 0.8, not 0.800000011920929. */
function numberOf(column: string, type: string): string {
  if (type === "FLOAT") {
    // Whole numbers are many, and a cast is faster than the way through a text.
    return `if(${column} = floor(${column}), cast(${column} as double), cast(cast(${column} as varchar) as double))`;
  }
  if (isWhole(type) || isFloating(type) || isDecimal(type)) return `cast(${column} as double)`;
  return `try_cast(${asText(column, type)} as double)`;
}
