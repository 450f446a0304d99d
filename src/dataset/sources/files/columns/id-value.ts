/** @file SQL of ids of users and items, null where an id is invalid. */
import type { Subject } from "../../../../base/terms.ts";
import {
  exactBits,
  idText,
  isExactWhole,
  plainNumber,
} from "../../../../tables/source-ids/id-text.ts";
import { asText, isDecimal, isFloating, isWhole } from "./column-type.ts";

/** How ids of users or items are read: as integers, or as texts that a dictionary numbers. */
export type IdKind = "integer" | "dictionary";

/**
 * An id: INTEGER from 1, or VARCHAR of 1 to 256 characters without control characters. Whole numbers are the same id however they are
 * written: 12 and 12.0.
 */
export function idValue(column: string, type: string, kind: IdKind): string {
  if (kind === "dictionary") {
    const text = exactText(column, type);
    return `if(length(${text}) between 1 and 256 and not regexp_matches(${text}, '[[:cntrl:]]') and not ${isList(text)}, ${text}, null)`;
  }
  if (isWhole(type)) {
    return `if(${column} between 1 and 2147483647, cast(${column} as integer), null)`;
  }
  // A plain cast would read 1.5 as 2, 1e3 as 1000 and 0x1F as 31.
  const text = isFloating(type) || isDecimal(type) ? exactText(column, type) : asText(column, type);
  const integer = `try_cast(${text} as integer)`;
  return (
    `case when ${text} = cast(${integer} as varchar) then if(${integer} > 0, ${integer}, null) ` +
    `when regexp_full_match(${text}, '[1-9][0-9]{0,9}([.]0+)?') then ${integer} end`
  );
}

/** The reason given for a row with an invalid id. */
export function idFault(side: Subject, type: string, kind: IdKind): string {
  if (kind === "integer") {
    return `the ${side} id is not an integer from 1 to 2147483647`;
  }
  if (isFloating(type)) return `the ${side} id is not a whole number below 2^${exactBits(type)}`;
  return isDecimal(type)
    ? `the ${side} id is not a whole number`
    : `the ${side} id is not one text of 1 to 256 characters without control characters`;
}

/** An id as text, as the source writes it; null for a number that is not whole or may have been rounded. */
function exactText(column: string, type: string): string {
  const text = idText(column, type);
  if (isFloating(type)) return `case when ${isExactWhole(column, type)} then ${text} end`;
  if (isDecimal(type)) return `if(${column} = floor(${column}), ${text}, null)`;
  if (type !== "VARCHAR") return text;
  return `if(suffix(${column}, '0'), ${plainNumber(column)}, ${column})`;
}

/** Whether a text is a list or object, in JSON or as Python prints a list: several ids, or none. */
function isList(text: string): string {
  const isJson = `coalesce(json_type(try_cast(${text} as json)) in ('ARRAY', 'OBJECT'), false)`;
  return `case when starts_with(${text}, '[') or starts_with(${text}, '{') then ${isJson} or ${text} like '[''%''%]' else false end`;
}
