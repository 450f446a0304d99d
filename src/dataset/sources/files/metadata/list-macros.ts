import { bound } from "../../../../tables/bound.ts";
import type { Database } from "../../../../tables/database.ts";

/** Keys of an object that say what it is called, as in `{"id": 18, "name": "Drama"}`; the first that it has counts. */
const nameKeys = ["name", "title", "label", "description", "value"] as const;

/** A text in single or double quotes, or what stands between two of them. */
const literal = `'''(?:[^''\\\\]|\\\\.)*''|"(?:[^"\\\\]|\\\\.)*"|[^''"]+'`;

/**
 * Defines the macros that read lists, whatever wrote them:
 *
 * - `literal_json(x)`: a Python literal as JSON text: quotes of both kinds, `\x` escapes, `u'…'`, None, True, False, nan, and NumPy's
 *   arrays without commas. Not JSON if x is no literal.
 * - `json_list(x)`: the JSON value that text x is, in JSON or as a Python list, dictionary, tuple or set, else null.
 * - `json_texts(x, place)`: the values of a JSON list as texts. Lists in it are joined, each value once; objects give their name. With a
 *   `place` (from 1), only that value, of each inner list if there are any.
 */
export async function defineListMacros(db: Database): Promise<void> {
  const quoted = `'"' || regexp_replace(replace(replace(part[2:-2], '\\''', ''''), '"', '\\"'), '\\\\x([0-9a-fA-F]{2})', '\\\\u00\\1', 'g') || '"'`;
  const words = [
    ["None|nan", "null"],
    ["True", "true"],
    ["False", "false"],
  ].reduce(
    (text, [word = "", json = ""]) => `regexp_replace(${text}, '\\b(${word})\\b', '${json}', 'g')`,
    "regexp_replace(part, '\\b[uUbB]$', '')",
  );
  await db.run(
    `create or replace macro literal_json(x) as array_to_string(list_transform(regexp_extract_all(x, ${literal}), part -> ` +
      `case when part like '''%' then ${quoted} when part like '"%' then part when trim(part) = '' then ',' else ${words} end), '')`,
  );
  // A tuple or set is a list in other brackets.
  const tuple =
    `if(regexp_matches(whole, '^\\s*([(]\\s*[)]|[({]\\s*[uUbB]?[''"].*[)}])\\s*$', 's'), ` +
    "try_cast(literal_json('[' || trim(whole)[2:-2] || ']') as json), null)";
  const read = `coalesce(try_cast(whole as json), try_cast(literal_json(whole) as json), ${tuple})`;
  await db.run(
    "create or replace macro json_list(x) as " +
      bound("x", "whole", `case when regexp_matches(whole, '^\\s*[\\[({]') then ${read} end`),
  );
  const parts = (json: string): string =>
    `if(json_type(${json}) = 'ARRAY', cast(${json} as json[]), [${json}])`;
  const inner = `list_transform(parts, each -> ${parts("each")})`;
  const isNested = "list_contains(list_transform(parts, each -> json_type(each)), 'ARRAY')";
  const chosen =
    `case when not ${isNested} then if(place is null, parts, list_slice(parts, place, place)) ` +
    `when place is null then flatten(${inner}) ` +
    `else flatten(list_transform(${inner}, each -> list_slice(each, place, place))) end`;
  const names = nameKeys.map((key) => `json_extract_string(one, '$.${key}')`).join(", ");
  const text =
    `case json_type(one) when 'NULL' then null when 'OBJECT' then coalesce(${names}, nullif(cast(one as varchar), '{}')) ` +
    "else json_extract_string(one, '$') end";
  const texts = bound(
    `list_transform(${chosen}, one -> ${text})`,
    "texts",
    `if(${isNested}, list_filter(texts, (one, k) -> list_position(texts, one) = k), texts)`,
  );
  await db.run(
    "create or replace macro json_texts(x, place) as " +
      bound(
        "x",
        "whole",
        `case when whole is not null then ${bound(parts("whole"), "parts", texts)} end`,
      ),
  );
}
