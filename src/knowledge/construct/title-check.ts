import type { Item } from "../contexts/contexts.ts";
import { shownTitle } from "../contexts/shown-title.ts";

/** Titles that a text must not name, and titles that it may name because the student sees them too. */
export interface TitleRules {
  readonly forbidden: readonly Item[];
  readonly shown: readonly Item[];
}

const article = /^(?:the|an|a) (?=\S)/u;
const trailingYear = /\s*\(\d{4}\)\s*$/u;
const trailingBrackets = /\s*\([^()]*\)\s*$/u;
/** Scripts that write words without spaces: a title may begin or end anywhere. */
const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;

/**
 * Whether a text names a forbidden title: in any case, spacing and punctuation, with or without accents, a leading or trailing
 * article and the year.
 *
 * A title inside a longer one that is shown does not count: "Toy Story" where the text says "Toy Story 2" and that is shown.
 */
export function titleCheck({ forbidden, shown }: TitleRules): (text: string) => boolean {
  const sought = distinct(forbidden.flatMap(spellings));
  const allowed = distinct(shown.flatMap(spellings));
  return (text) => {
    const words = normalised(text);
    const found = sought.flatMap((title) => placesOf(title, words));
    if (found.length === 0) return false;
    const harmless = allowed.flatMap((title) => placesOf(title, words));
    return found.some((place) => !harmless.some((whole) => holds(whole, place)));
  };
}

/** A range of characters; `to` is exclusive. */
interface Place {
  readonly from: number;
  readonly to: number;
}

function holds(whole: Place, part: Place): boolean {
  return whole.from <= part.from && part.to <= whole.to;
}

function placesOf(title: string, words: string): readonly Place[] {
  const places: Place[] = [];
  for (let from = words.indexOf(title); from >= 0; from = words.indexOf(title, from + 1)) {
    const to = from + title.length;
    if (isEdge(words, from) && isEdge(words, to)) places.push({ from, to });
  }
  return places;
}

/** Whether a word may begin or end before the character at `place`. */
function isEdge(words: string, place: number): boolean {
  const around = [words[place - 1], words[place]];
  return around.some(
    (character) => character === undefined || character === " " || unspaced.test(character),
  );
}

/** The normalised spellings of a title. */
function spellings({ title, year }: Item): readonly string[] {
  const whole = shownTitle(title.trim());
  const withoutYear = shownTitle(whole.replace(trailingYear, ""));
  const bare = shownTitle(withoutYear.replace(trailingBrackets, ""));
  const names = [whole, withoutYear, bare].map(normalised);
  const dated = year === null ? [] : names.map((name) => `${name} ${year}`);
  return [...names, ...dated]
    .flatMap((name) => [name, name.replace(article, "")])
    .filter((name) => name !== "");
}

function normalised(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/['’‘`´]/gu, "")
    .replaceAll("&", " and ")
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}

function distinct(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}
