/** A value, and the position after it. */
interface Read {
  readonly value: unknown;
  readonly end: number;
}

const closers: Readonly<Record<string, string>> = {
  '"': '"”',
  "'": "'’",
  "“": '”"',
  "‘": "’'",
  "`": "`",
};
/** What may follow the end of a string; any other quote is one that should have been escaped. */
const afterString =
  /^\s*(?:[}\]:]|\/[/*]|$|,\s*(?:["'“‘`{}[\]]|\/[/*]|$|-?\d|[\w-]+\s*:|(?:true|false|null|none)\b))/iu;
const escapes: Readonly<Record<string, string>> = {
  ...{ n: "\n", t: "\t", r: "", b: "", f: "" },
};
const words: Readonly<Record<string, unknown>> = {
  true: true,
  false: false,
  null: null,
  none: null,
};
const deepest = 20;

/**
 * Reads an object as models write it: with comments, single, curly or no quotes, quotes inside strings that are not escaped, line breaks in
 * strings, a comma too many, and Python's literals.
 *
 * @param from - Position of its brace
 * @returns Null where it is none, or is cut off
 */
export function readLooseObject(text: string, from: number): Read | null {
  return readObject(text, from, 0);
}

function readValue(text: string, from: number, depth: number): Read | null {
  const at = skip(text, from);
  const first = text[at] ?? "";
  if (depth > deepest) return null;
  if (first === "{") return readObject(text, at, depth);
  if (first === "[") return readArray(text, at, depth);
  if (first in closers) return readString(text, at);
  const bare = /^[^,{}[\]\n]+/u.exec(text.slice(at, at + 2000))?.[0];
  if (bare === undefined) return null;
  const word = bare.trim();
  const known = words[word.toLowerCase()];
  const number = Number(word);
  const value = known !== undefined ? known : Number.isFinite(number) ? number : word;
  return { value, end: at + bare.length };
}

function readObject(text: string, from: number, depth: number): Read | null {
  const value: Record<string, unknown> = {};
  let at = skip(text, from + 1);
  while (text[at] !== "}") {
    const key = readKey(text, at);
    if (key === null) return null;
    const inner = readValue(text, key.end, depth + 1);
    if (inner === null) return null;
    Object.defineProperty(value, key.name, {
      value: inner.value,
      enumerable: true,
      writable: true,
      configurable: true,
    });
    at = skip(text, skip(text, inner.end), ",");
    if (at >= text.length) return null;
  }
  return { value, end: at + 1 };
}

function readKey(
  text: string,
  from: number,
): { readonly name: string; readonly end: number } | null {
  const quoted = (text[from] ?? "") in closers ? readString(text, from) : null;
  const bare = quoted === null ? /^[\w-]+/u.exec(text.slice(from, from + 200))?.[0] : undefined;
  const name = typeof quoted?.value === "string" ? quoted.value : bare;
  if (name === undefined) return null;
  const colon = skip(text, quoted?.end ?? from + name.length);
  return text[colon] === ":" ? { name, end: colon + 1 } : null;
}

function readArray(text: string, from: number, depth: number): Read | null {
  const value: unknown[] = [];
  let at = skip(text, from + 1);
  while (text[at] !== "]") {
    const inner = readValue(text, at, depth + 1);
    if (inner === null) return null;
    value.push(inner.value);
    at = skip(text, skip(text, inner.end), ",");
    if (at >= text.length) return null;
  }
  return { value, end: at + 1 };
}

function readString(text: string, from: number): Read | null {
  const closing = closers[text[from] ?? ""] ?? "";
  let value = "";
  for (let at = from + 1; at < text.length; at += 1) {
    const character = text[at] ?? "";
    if (character === "\\") {
      const unicode = /^u([\da-f]{4})/iu.exec(text.slice(at + 1, at + 6))?.[1];
      const next = text[at + 1] ?? "";
      value +=
        unicode === undefined
          ? (escapes[next] ?? next)
          : String.fromCharCode(parseInt(unicode, 16));
      at += unicode === undefined ? 1 : 5;
    } else if (closing.includes(character) && afterString.test(text.slice(at + 1, at + 200))) {
      return { value, end: at + 1 };
    } else {
      value += character;
    }
  }
  return null;
}

/** The position after white space and comments, and after one of `also`, if it is there. */
function skip(text: string, from: number, also = ""): number {
  let at = from;
  if (also !== "" && text[at] === also) at += 1;
  for (;;) {
    const gap = /^(?:\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/)/u.exec(text.slice(at, at + 2000))?.[0];
    if (gap === undefined) return at;
    at += gap.length;
  }
}
