/** @file Attributes of items and users: SQL that builds `MAP(VARCHAR, VARCHAR[])` from columns of any type. Needs `defineListMacros`. */
import { quote } from "../../../../tables/quote.ts";

export interface AttributeColumn {
  /** Name of the attribute. */
  readonly name: string;
  /** SQL of the column. */
  readonly column: string;
  /** DuckDB's name of its type. */
  readonly type: string;
  /** Separator of several values in one text; without it a text is one value. */
  readonly separator?: string | undefined;
  /** Running text: always one value; a list's texts are joined. */
  readonly isText?: boolean;
  /** SQL that cleans a value. */
  readonly cleaned?: (text: string) => string;
  /** Which value of a list to take, from 1; default all. */
  readonly place?: number;
}

/** SQL of the map; attributes without a value are left out. */
export function attributeMap(columns: readonly AttributeColumn[]): string {
  if (columns.length === 0) return "map {}::map(varchar, varchar[])";
  const entries = columns.map((column) => `{'k': ${quote(column.name)}, 'v': ${valuesOf(column)}}`);
  return `map_from_entries(list_filter([${entries.join(", ")}], entry -> len(entry.v) > 0))`;
}

function valuesOf(attribute: AttributeColumn): string {
  const { separator, isText = false, cleaned = trimmed } = attribute;
  const list = listOf(attribute);
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

/** A column as a list of texts. A text that is a list, in JSON or as Python writes one, counts as that list. */
function listOf({ column, type, place }: AttributeColumn): string {
  const at = place === undefined ? "null" : String(place);
  const slice = (list: string): string =>
    place === undefined ? list : `list_slice(${list}, ${at}, ${at})`;
  if (/STRUCT|MAP|JSON|\].*\]/.test(type)) return `json_texts(to_json(${column}), ${at})`;
  if (type.endsWith("]")) return slice(`list_transform(${column}, one -> cast(one as varchar))`);
  if (type !== "VARCHAR") return slice(`[cast(${column} as varchar)]`);
  return `coalesce(json_texts(json_list(${column}), ${at}), ${slice(`[${column}]`)})`;
}
