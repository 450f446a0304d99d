/** Entities that shops write, and the characters they stand for. The ampersand comes last: it may be part of another. */
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
 * SQL for a text without HTML: tags left out, entities as characters, white space as single spaces. A script that was taken for a text
 * becomes the empty text.
 */
export function cleanText(text: string): string {
  const untagged = `regexp_replace(${text}, '</?[A-Za-z][^>]*>', ' ', 'g')`;
  const numbers = `list_distinct(regexp_extract_all(${untagged}, '&#([0-9]{1,6});', 1))`;
  // Neither NUL nor half of a pair of UTF-16 is a character.
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

/** SQL for a brand: a shop's page title or an author's role is no part of the name. */
export function cleanBrand(text: string): string {
  return `regexp_replace(regexp_replace(${cleanText(text)}, '^Visit Amazon''s (.*) Page$', '\\1'), ' [(](Author|Editor|Illustrator|Narrator)[)].*$', '')`;
}
