/** Longest text of the data that a page shows, UTF-16 code units. */
const mostCharacters = 300;
/** Most values of a list that a page shows. */
const mostValues = 50;

/** A text of the data, cut with "…" where it would fill a page. */
export function shortText(text: string): string {
  if (text.length <= mostCharacters) return text;
  const end = mostCharacters - 1;
  return `${text.slice(0, end).replace(/[\uD800-\uDBFF]$/u, "")}…`;
}

/** Values of the data, each a {@link shortText}; of very many the first ones, and how many there are besides. */
export function shortList(values: readonly string[]): readonly string[] {
  if (values.length <= mostValues) return values.map(shortText);
  const more = `… ${(values.length - mostValues).toLocaleString("en")} more`;
  return [...values.slice(0, mostValues).map(shortText), more];
}
