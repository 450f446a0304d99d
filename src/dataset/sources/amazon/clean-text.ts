import { bound } from "../../../tables/bound.ts";
import { quote } from "../../../tables/quote.ts";
import { namedEntities, numberedEntities } from "./html-entities.ts";

const entity = "&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,7});";

/** SQL of the characters of an entity; of an unknown name, the entity. */
function characterOf(found: string): string {
  const digits = `regexp_extract(${found}, '^&#([0-9]+)', 1)`;
  const hex = `regexp_extract(${found}, '^&#[xX]([0-9a-fA-F]+)', 1)`;
  const code = `coalesce(try_cast(nullif(${digits}, '') as integer), try_cast('0x' || nullif(${hex}, '') as integer))`;
  // NUL and halves of UTF-16 surrogate pairs are not characters.
  const isNone = "code = 0 or code between 55296 and 57343 or code > 1114111";
  const character = bound(
    code,
    "code",
    `case when code is null then null when ${isNone} then '' else ${chosenBy("code", numberedEntities, String)} else chr(code) end end`,
  );
  return `coalesce(if(${found} like '&#%', ${character}, ${chosenBy(found, namedEntities, quote)} end), ${found})`;
}

/** SQL that chooses a text by a value: a `case` without its end. A map would be built for every row. */
function chosenBy<Key>(
  value: string,
  texts: ReadonlyMap<Key, string>,
  written: (key: Key) => string,
): string {
  const whens = [...texts].map(([key, text]) => `when ${written(key)} then ${quote(text)}`);
  return `case ${value} ${whens.join(" ")}`;
}

/**
 * SQL that removes HTML from a text: tags are dropped, entities decoded once, white space collapsed. A script that was scraped as text
 * becomes the empty text.
 */
export function cleanText(text: string): string {
  const untagged = `regexp_replace(${text}, '</?[A-Za-z][^>]*>', ' ', 'g')`;
  const found = `list_distinct(regexp_extract_all(untagged, '${entity}'))`;
  // An ampersand comes last: what follows it may look like another entity.
  const isLast = `regexp_matches(one, '^&(amp|AMP|#0*38|#[xX]0*26);$')`;
  const ordered = `list_concat(list_filter(${found}, one -> not ${isLast}), list_filter(${found}, one -> ${isLast}))`;
  const decoded = `list_reduce(${ordered}, (done, one) -> replace(done, one, ${characterOf("one")}), untagged)`;
  const whole = `if(contains(untagged, '&'), ${decoded}, untagged)`;
  const spaced = `trim(regexp_replace(${bound(untagged, "untagged", whole)}, '[[:space:][:cntrl:]]+', ' ', 'g'))`;
  return `if(contains(${text}, 'getTime()'), '', ${spaced})`;
}

/** SQL that cleans a brand: a shop's page title and an author's role are not part of the name. */
export function cleanBrand(text: string): string {
  return `regexp_replace(regexp_replace(${cleanText(text)}, '^Visit Amazon''s (.*) Page$', '\\1'), ' [(](Author|Editor|Illustrator|Narrator)[)].*$', '')`;
}
