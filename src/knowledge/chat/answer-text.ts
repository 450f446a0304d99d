/** @file The parts of a model's answer, read leniently: fences, tags, JSON and labelled lines. */

import { fieldOf, jsonObjects, textOf } from "./answer-json.ts";
import { withoutThinking } from "./thinking.ts";

const fenced = /^```[^\n`]*\n([\s\S]*?)\n?```$/u;

/** An answer without its thinking and without a code fence around it. */
export function answerText(raw: string): string {
  const said = withoutThinking(raw);
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
const attributes = "(?:\\s[^<>/]{0,80})?";
const anyTag = new RegExp(`<\\s*/?\\s*(?:${anyName})${attributes}\\s*/?\\s*>`, "giu");

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
  for (const { object, rest } of jsonObjects(text)) {
    const value = valueOf(object, part);
    if (value !== undefined) return [{ value, rest }];
  }
  return [];
}

/** `text` without any of the tags of an answer. */
export function withoutTags(text: string): string {
  return text.replace(anyTag, " ").trim();
}

function findTagged(text: string, part: Part): readonly Found[] {
  const opening = new RegExp(
    `<\\s*(?:${spellings[part].join("|")})${attributes}\\s*(/?)\\s*>`,
    "giu",
  );
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
  const name = /\w+/u.exec(tag)?.[0].toLowerCase();
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
    const value = text
      .slice(from, to)
      .trim()
      .replace(/^[|>][+-]?\s*\n\s*/u, ""); // YAML's block of text
    return { value, rest: `${text.slice(0, match.index)}\n${text.slice(to)}`.trim() };
  });
}

/** Whether a text is or starts like a JSON object, even when cut off. */
export function isJson(text: string): boolean {
  return /^(?:```\w*\s*)?\{\s*["}]/u.test(text);
}

/** A yes or no in place of the word. */
const yesNo: Readonly<Partial<Record<Part, readonly [string, string]>>> = {
  judgement: ["unreasonable", "reasonable"],
  verdict: ["no", "yes"],
};

function valueOf(object: object, part: Part): string | undefined {
  const value = fieldOf(object, spellings[part]);
  const meant = yesNo[part];
  if (typeof value === "boolean" && meant !== undefined) return meant[Number(value)];
  return value === undefined ? undefined : textOf(value);
}
