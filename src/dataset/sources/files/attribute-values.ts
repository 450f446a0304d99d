/** @file Attributes of items and users: SQL that makes `MAP(VARCHAR, VARCHAR[])` of columns of any type. */
import { quote } from "../../../tables/quote.ts";

export interface AttributeColumn {
  /** Name of the attribute. */
  readonly name: string;
  /** SQL of the column. */
  readonly column: string;
  /** DuckDB's name of its type. */
  readonly type: string;
  /** What separates several values in one text; without it a text is one value. */
  readonly separator?: string | undefined;
  /** Running text: one value whatever is in it, a list's texts joined. */
  readonly isText?: boolean;
  /** SQL that cleans a value. */
  readonly cleaned?: (text: string) => string;
  /** Which of a list's values counts, from 1; without it all do. */
  readonly place?: number;
}

/** Attributes without a value are left out of an item's map. */
export function attributeMap(columns: readonly AttributeColumn[]): string {
  if (columns.length === 0) return "map {}::map(varchar, varchar[])";
  const entries = columns.map((column) => `{'k': ${quote(column.name)}, 'v': ${valuesOf(column)}}`);
  return `map_from_entries(list_filter([${entries.join(", ")}], entry -> len(entry.v) > 0))`;
}

function valuesOf(attribute: AttributeColumn): string {
  const { column, type, separator, isText = false, cleaned = trimmed, place } = attribute;
  const all = listOf(column, type);
  const list = place === undefined ? all : `list_slice(${all}, ${place}, ${place})`;
  const values = isText
    ? `[array_to_string(${list}, ' ')]`
    : separator === undefined
      ? list
      : `flatten(list_transform(${list}, text -> string_split(text, ${quote(separator)})))`;
  return `coalesce(list_filter(list_transform(${values}, text -> ${cleaned("text")}), text -> text <> ''), []::varchar[])`;
}

function trimmed(text: string): string {
  return `trim(${text})`;
}

/** A column as a list of texts. A JSON file's lists come as JSON text. */
function listOf(column: string, type: string): string {
  if (type.endsWith("]")) return `list_transform(${column}, one -> cast(one as varchar))`;
  if (type !== "VARCHAR") return `[cast(${column} as varchar)]`;
  return `coalesce(if(${column} like '[%', try_cast(try_cast(${column} as json) as varchar[]), null), [${column}])`;
}
