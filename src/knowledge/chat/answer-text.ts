/** @file The parts of a model's answer, read leniently: thinking, fences, tags, JSON and labelled lines. */

const thinking = /<\s*(think|thinking)\s*>[\s\S]*?<\s*\/\s*\1\s*>/giu;
/** The chat template may have opened the block, or the answer may have ended inside it. */
const thinkingToTheClose = /^[\s\S]*<\s*\/\s*(?:think|thinking)\s*>/iu;
const thinkingToTheEnd = /<\s*(?:think|thinking)\s*>[\s\S]*$/iu;
const fenced = /^```[^\n`]*\n([\s\S]*?)\n?```$/u;
const fencedBlock = /```[^\n`]*\n([\s\S]*?)```/gu;

/** An answer without its thinking and without a code fence around it. */
export function answerText(raw: string): string {
  const said = raw
    .replace(thinking, "")
    .replace(thinkingToTheClose, "")
    .replace(thinkingToTheEnd, "")
    .trim();
  return (fenced.exec(said)?.[1] ?? said).trim();
}

/** Names of the parts of an answer, with the spellings that models use. */
const spellings = {
  judgement: ["judgement", "judgment"],
  reflection: ["reflection", "reflections"],
  knowledge: ["knowledge", "preference", "preferences", "description"],
  verdict: ["verdict"],
} as const;

/** A part of an answer. */
export type Part = keyof typeof spellings;

const anyName = Object.values(spellings).flat().join("|");
const anyTag = new RegExp(`<\\s*/?\\s*(?:${anyName})\\s*/?\\s*>`, "giu");

/** One part as found, and the answer without it. */
export interface Found {
  readonly value: string;
  readonly rest: string;
}

/**
 * The values of a part: from tags (closed or not), else from JSON, else from a line "Judgement: ...". Several tags give several
 * values. Empty when the answer has no such part.
 *
 * @param text - From {@link answerText}
 */
export function findPart(text: string, part: Part): readonly Found[] {
  const marked = findMarked(text, part);
  return marked.length > 0 ? marked : findLabelled(text, part);
}

/** As {@link findPart}, but only from tags and JSON: prose may contain a line "Preferences:". */
export function findMarked(text: string, part: Part): readonly Found[] {
  const tagged = findTagged(text, part);
  if (tagged.length > 0) return tagged;
  const json = findJson(text);
  const value = json === null ? undefined : valueOf(json.object, part);
  return json === null || value === undefined ? [] : [{ value, rest: json.rest }];
}

/** `text` without any of the tags of an answer. */
export function withoutTags(text: string): string {
  return text.replace(anyTag, " ").trim();
}

function findTagged(text: string, part: Part): readonly Found[] {
  const opening = new RegExp(`<\\s*(?:${spellings[part].join("|")})\\s*(/?)\\s*>`, "giu");
  const found: Found[] = [];
  let until = 0;
  for (const match of text.matchAll(opening)) {
    if (match.index < until) continue;
    const from = match.index + match[0].length;
    if (match[1] === "/") {
      found.push({ value: "", rest: cut(text, match.index, from) });
      continue;
    }
    anyTag.lastIndex = from;
    const next = anyTag.exec(text);
    const to = next?.index ?? text.length;
    // A part opened where it should have been closed belongs to the value before it.
    const closes = next !== null && opensAgain(next[0], part);
    until = closes ? to + next[0].length : to;
    found.push({ value: text.slice(from, to).trim(), rest: cut(text, match.index, until) });
  }
  return found;
}

function opensAgain(tag: string, part: Part): boolean {
  const name = tag.replace(/[<>/\s]/gu, "").toLowerCase();
  return spellings[part].some((spelling) => spelling === name);
}

function cut(text: string, from: number, to: number): string {
  return withoutTags(`${text.slice(0, from)}\n${text.slice(to)}`);
}

/** A line that starts with the part's name and a colon or dash, or holds nothing else; Markdown and quotes may stand around it. */
function labelOf(names: string): RegExp {
  return new RegExp(
    `^[ \\t>*_#"'-]*(?:(?:my|the|final)[ \\t]+){0,2}(?:${names})[*_"' \\t]*(?:[:=][*_]*|[-–—](?=[ \\t])|$)`,
    "gimu",
  );
}

function findLabelled(text: string, part: Part): readonly Found[] {
  const anyLabel = labelOf(anyName);
  return [...text.matchAll(labelOf(spellings[part].join("|")))].map((match) => {
    const from = match.index + match[0].length;
    anyLabel.lastIndex = from;
    const to = anyLabel.exec(text)?.index ?? text.length;
    const value = text.slice(from, to).trim();
    return { value, rest: `${text.slice(0, match.index)}\n${text.slice(to)}`.trim() };
  });
}

/** Whether a text is or starts like a JSON object, even when cut off. */
export function isJson(text: string): boolean {
  return /^(?:```\w*\s*)?\{\s*["}]/u.test(text);
}

interface FoundJson {
  readonly object: Readonly<Record<string, unknown>>;
  /** The text around the object. */
  readonly rest: string;
}

/** A looping model may open thousands. */
const bracesTried = 16;

function findJson(text: string): FoundJson | null {
  for (const block of text.matchAll(fencedBlock)) {
    const object = parseObject(block[1] ?? "");
    if (object !== null) return { object, rest: text.replace(block[0], "").trim() };
  }
  for (const { index: from } of [...text.matchAll(/\{/gu)].slice(0, bracesTried)) {
    const to = endOfObject(text, from);
    const object = to === null ? null : parseObject(text.slice(from, to));
    if (object !== null && to !== null) {
      return { object, rest: `${text.slice(0, from)}${text.slice(to)}`.trim() };
    }
  }
  return null;
}

/** The position after the brace that closes the one at `from`; braces in strings are ignored. */
function endOfObject(text: string, from: number): number | null {
  let depth = 0;
  let isString = false;
  for (let place = from; place < text.length; place += 1) {
    const character = text[place];
    if (isString && character === "\\") place += 1;
    else if (character === '"') isString = !isString;
    else if (!isString && character === "{") depth += 1;
    else if (!isString && character === "}") depth -= 1;
    if (depth === 0) return place + 1;
  }
  return null;
}

function parseObject(text: string): Readonly<Record<string, unknown>> | null {
  for (const candidate of [text, mended(text)]) {
    try {
      const value: unknown = JSON.parse(candidate);
      if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
    } catch {
      continue;
    }
  }
  return null;
}

/** Line breaks inside strings escaped, commas before a closing brace dropped. */
function mended(text: string): string {
  return text
    .replace(/"(?:[^"\\]|\\[\s\S])*"/gu, (string) =>
      string.replace(/\r?\n/gu, "\\n").replace(/\t/gu, "\\t"),
    )
    .replace(/,(\s*\})/gu, "$1");
}

function valueOf(object: FoundJson["object"], part: Part): string | undefined {
  const names: readonly string[] = spellings[part];
  const field = Object.entries(object).find(([name]) => names.includes(name.trim().toLowerCase()));
  if (field === undefined) return undefined;
  return typeof field[1] === "string" ? field[1].trim() : "";
}
