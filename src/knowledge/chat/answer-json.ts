import { readLooseObject } from "./loose-json.ts";

/** An object in an answer. */
export interface FoundJson {
  readonly object: object;
  /** The text around it. */
  readonly rest: string;
}

const fencedBlock = /```[^\n`]*\n([\s\S]*?)```/gu;
/** A looping model may open thousands. */
const bracesTried = 16;
const deepest = 6;

/** The objects in a text, those in code fences first; objects in objects are not told apart. */
export function* jsonObjects(text: string): Generator<FoundJson> {
  for (const block of text.matchAll(fencedBlock)) {
    for (const { object } of bareObjects(block[1] ?? "")) {
      yield { object, rest: text.replace(block[0], "").trim() };
    }
  }
  yield* bareObjects(text);
}

function* bareObjects(text: string): Generator<FoundJson> {
  let until = 0;
  for (const { index: from } of [...text.matchAll(/\{/gu)].slice(0, bracesTried)) {
    if (from < until) continue;
    const read = strictObject(text, from) ?? readLooseObject(text, from);
    if (read === null || typeof read.value !== "object" || read.value === null) continue;
    until = read.end;
    yield { object: read.value, rest: `${text.slice(0, from)}${text.slice(until)}`.trim() };
  }
}

function strictObject(
  text: string,
  from: number,
): { readonly value: unknown; readonly end: number } | null {
  const end = endOfObject(text, from);
  if (end === null) return null;
  try {
    return { value: JSON.parse(text.slice(from, end)), end };
  } catch {
    return null;
  }
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

/**
 * The value of the first field with one of these names, in lower case: of the object itself, else of what it holds, such as
 * `{"arguments": {…}}` of a call, or JSON in a string.
 *
 * @returns undefined when there is none
 */
export function fieldOf(object: object, names: readonly string[]): unknown {
  let level: readonly unknown[] = [object];
  for (let depth = 0; depth < deepest && level.length > 0; depth += 1) {
    for (const value of level) {
      if (typeof value !== "object" || value === null || Array.isArray(value)) continue;
      const field = Object.entries(value).find(([name]) =>
        names.includes(name.trim().toLowerCase()),
      );
      if (field !== undefined) return field[1];
    }
    level = level.flatMap((value) => valuesIn(value));
  }
  return undefined;
}

function valuesIn(value: unknown): readonly unknown[] {
  if (typeof value === "string") {
    return /^\s*\{/u.test(value) ? [...jsonObjects(value)].map(({ object }) => object) : [];
  }
  return typeof value === "object" && value !== null ? Object.values(value) : [];
}

/** A value as text: the entries of a list one after another, the fields of an object with their names. */
export function textOf(value: unknown): string {
  if (typeof value === "string") return value.trim();
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (typeof value !== "object" || value === null) return "";
  const parts = Array.isArray(value)
    ? value.map(textOf)
    : Object.entries(value).map(([name, inner]) => {
        const text = textOf(inner);
        return text === "" ? "" : `${name}: ${text}`;
      });
  return joined(parts.filter((part) => part !== ""));
}

function joined(parts: readonly string[]): string {
  return parts
    .map((part, place) =>
      place === parts.length - 1 || /[.!?;:,。！？；]$/u.test(part) ? part : `${part};`,
    )
    .join(" ");
}
