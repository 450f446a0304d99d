/** Names for the items and people of a domain, in lower case: film, films, viewer, viewers. */
export interface DomainNouns {
  readonly item: string;
  readonly items: string;
  readonly person: string;
  readonly people: string;
}

/** The nouns with their English plurals. */
export function domainNouns(item: string, person: string): DomainNouns {
  return { item, items: plural(item), person, people: plural(person) };
}

function plural(noun: string): string {
  if (/[^aeiou]y$/u.test(noun)) return `${noun.slice(0, -1)}ies`;
  if (/(?:s|x|z|ch|sh)$/u.test(noun)) return noun.endsWith("series") ? noun : `${noun}es`;
  return `${noun}s`;
}
