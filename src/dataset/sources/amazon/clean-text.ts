/** HTML entities found in shops, and their characters. The ampersand comes last: it may be part of another entity. */
const entities = [
  ["&quot;", '"'],
  ["&apos;", "''"],
  ["&lt;", "<"],
  ["&gt;", ">"],
  ["&nbsp;", " "],
  ["&eacute;", "é"],
  ["&ndash;", "–"],
  ["&mdash;", "—"],
  ["&hellip;", "…"],
  ["&lsquo;", "‘"],
  ["&rsquo;", "’"],
  ["&ldquo;", "“"],
  ["&rdquo;", "”"],
  ["&trade;", "™"],
  ["&reg;", "®"],
  ["&copy;", "©"],
  ["&amp;", "&"],
] as const;

/**
 * SQL that removes HTML from a text: tags are dropped, entities decoded, white space collapsed. A script that was scraped as text becomes
 * the empty text.
 */
export function cleanText(text: string): string {
  const untagged = `regexp_replace(${text}, '</?[A-Za-z][^>]*>', ' ', 'g')`;
  const numbers = `list_distinct(regexp_extract_all(${untagged}, '&#([0-9]{1,6});', 1))`;
  // NUL and halves of UTF-16 surrogate pairs are not characters.
  const character =
    "nullif(if(try_cast(code as integer) between 55296 and 57343, 0, try_cast(code as integer)), 0)";
  const numbered =
    `list_reduce(${numbers}, (done, code) -> replace(done, concat('&#', code, ';'), ` +
    `coalesce(chr(${character}), '')), ${untagged})`;
  const decoded = entities.reduce(
    (done, [entity, character]) => `replace(${done}, '${entity}', '${character}')`,
    numbered,
  );
  const spaced = `trim(regexp_replace(${decoded}, '[[:space:][:cntrl:]]+', ' ', 'g'))`;
  return `if(contains(${text}, 'getTime()'), '', ${spaced})`;
}

/** SQL that cleans a brand: a shop's page title and an author's role are not part of the name. */
export function cleanBrand(text: string): string {
  return `regexp_replace(regexp_replace(${cleanText(text)}, '^Visit Amazon''s (.*) Page$', '\\1'), ' [(](Author|Editor|Illustrator|Narrator)[)].*$', '')`;
}
