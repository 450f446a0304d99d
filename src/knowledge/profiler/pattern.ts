/**
 * @file Sentence patterns that are printed and read by the same definition, so that the two directions cannot drift.
 *
 * A template holds slots: `{x:one}` a phrase, `{x:and}` and `{x:or}` lists of phrases, `{x:titles}` a list that is always
 * quoted, `{x:name}` the name of an attribute. A phrase of plain capitalised words stands bare (Drama, Film-Noir, George
 * A. Romero); anything else, whatever it holds, becomes a JSON string on one line. So data can neither leave its slot nor
 * pass for our words, which are in lower case wherever they follow a phrase.
 */

/** Slot name to the phrases in it, in order. */
export type Filled = Readonly<Record<string, readonly string[]>>;

/** A sentence with slots. */
export interface Pattern {
  readonly print: (filled: Filled) => string;
  /** Reads the sentence that starts at `at`; undefined when another one or none does. */
  readonly match: (
    text: string,
    at: number,
  ) => { readonly filled: Filled; readonly end: number } | undefined;
}

interface Slot {
  readonly pattern: string;
  readonly print: (phrases: readonly string[]) => string;
  readonly read: (text: string) => readonly string[];
}

// Exactly the strings of JSON, so that reading one back cannot fail.
const quotedPattern = String.raw`"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"`;
const word = String.raw`[\p{Lu}\p{N}][\p{L}\p{M}\p{N}'’/-]*`;
const initial = String.raw`\p{Lu}\.`;
const particle = "(?:de|del|della|den|der|di|du|la|le|on|van|von|&)";
const barePattern = String.raw`(?=[\p{Lu}\p{N}])(?:(?:${word}|${initial}|${particle}) )*${word}`;
const phrasePattern = `(?:${quotedPattern}|${barePattern})`;
// Every template has "is" behind a name.
const nameWord = "(?!is(?: |$))[a-z0-9_-]+";
const barenamePattern = `${nameWord}(?: ${nameWord})*`;

const isBare = new RegExp(`^${barePattern}$`, "u");
const isBareName = new RegExp(`^${barenamePattern}$`, "u");
const phrases = new RegExp(phrasePattern, "gu");

const phrase = (text: string): string => (isBare.test(text) ? text : quoted(text));
const unquoted = (text: string): string => (text.startsWith('"') ? String(JSON.parse(text)) : text);

const slotKinds: ReadonlyMap<string, Slot> = new Map([
  ["one", listSlot(phrasePattern, phrase)],
  ["and", listSlot(listOf(phrasePattern, "and"), phrase, "and")],
  ["or", listSlot(listOf(phrasePattern, "or"), phrase, "or")],
  ["titles", listSlot(listOf(quotedPattern, "and"), quoted, "and")],
  [
    "name",
    {
      pattern: `(?:${quotedPattern}|${barenamePattern})`,
      print: ([name = ""]) => (isBareName.test(name) ? name : quoted(name)),
      read: (text) => [unquoted(text)],
    },
  ],
]);

/** A text as it stands in a sentence when quoted: one line, in straight double quotes, escapes as in JSON. */
export function quoted(text: string): string {
  return JSON.stringify(text);
}

/** Compiles a template. */
export function pattern(template: string): Pattern {
  const [start = "", ...pieces] = template.split(/\{(\w+:\w+)\}/u);
  const slots: { readonly name: string; readonly slot: Slot; readonly after: string }[] = [];
  for (let at = 0; at < pieces.length; at += 2) {
    const [name = "", kind = ""] = (pieces[at] ?? "").split(":");
    const slot = slotKinds.get(kind);
    if (slot === undefined) throw new Error(`internal: no slot kind "${kind}" in "${template}"`);
    slots.push({ name, slot, after: pieces[at + 1] ?? "" });
  }
  const source = slots.map(({ slot, after }) => `(${slot.pattern})${escaped(after)}`);
  const expression = new RegExp(escaped(start) + source.join(""), "uy");

  return {
    print: (filled) =>
      start + slots.map(({ name, slot, after }) => slot.print(filled[name] ?? []) + after).join(""),
    match: (text, at) => {
      expression.lastIndex = at;
      const found = expression.exec(text);
      if (found === null) return undefined;
      const filled: Filled = Object.fromEntries(
        slots.map(({ name, slot }, place) => [name, slot.read(found[place + 1] ?? "")] as const),
      );
      return { filled, end: expression.lastIndex };
    },
  };
}

const restOfSentence = new RegExp(String.raw`(?:${quotedPattern}|[^.]|\.(?!\s|$))*\.?`, "uy");

/**
 * Where the sentence that starts at `at` ends: behind the first full stop outside quotes that a blank or the end of the
 * text follows.
 */
export function sentenceEnd(text: string, at: number): number {
  restOfSentence.lastIndex = at;
  restOfSentence.exec(text);
  return Math.max(restOfSentence.lastIndex, at + 1);
}

function listSlot(source: string, print: (text: string) => string, conjunction = "and"): Slot {
  return {
    pattern: source,
    print: (list) => {
      const all = list.map(print);
      const last = all.at(-1) ?? "";
      return all.length < 2 ? last : `${all.slice(0, -1).join(", ")} ${conjunction} ${last}`;
    },
    read: (text) => (text.match(phrases) ?? []).map(unquoted),
  };
}

function listOf(element: string, conjunction: string): string {
  return `${element}(?:, ${element})*(?: ${conjunction} ${element})?`;
}

function escaped(literal: string): string {
  return literal.replace(/[$()*+.?[\\\]^{|}]/gu, String.raw`\$&`);
}
