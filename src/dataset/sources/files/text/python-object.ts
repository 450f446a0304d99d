/** A string in quotes of either kind, with its prefix, or what stands between two strings. */
const token = /[uUbB]?(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")|[^'"uUbB]+|./gs;

const escape = /\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)/gs;

const escaped: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", b: "\b", f: "\f" };

const words: Readonly<Record<string, string>> = {
  ...{ None: "null", nan: "null" },
  ...{ True: "true", False: "false" },
};

/**
 * A line of a JSON file as JSON. Data are also published as lines of Python dictionaries, such as `{'asin': '1', 'brand': None}`: these are
 * rewritten. Any other line stays as it is.
 */
export function jsonOf(line: string): string {
  if (!/^\s*\{\s*(u?'|[uU]")/.test(line)) return line;
  let json = "";
  let between = "";
  for (const [text, single, double] of line.matchAll(token)) {
    const string = single ?? double;
    if (string === undefined) {
      between += text;
      continue;
    }
    json += `${plainJson(between)}${JSON.stringify(unescaped(string))}`;
    between = "";
  }
  json += plainJson(between);
  return objectOf(json) === undefined ? line : json;
}

/** The object that a line is, in JSON or as a Python dictionary; undefined if it is none. */
export function readObject(line: string): object | undefined {
  return objectOf(jsonOf(line.replace(/^\uFEFF/, "")));
}

/** What stands between two strings: numbers, brackets, commas and words. */
function plainJson(python: string): string {
  return python
    .replaceAll(/\b(?:None|True|False|nan)\b/g, (word) => words[word] ?? word)
    .replaceAll("(", "[")
    .replaceAll(/,?\s*\)/g, "]");
}

function objectOf(json: string): object | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function unescaped(text: string): string {
  if (!text.includes("\\")) return text;
  return text.replaceAll(escape, (_, code: string) =>
    /^[xuU].+/s.test(code)
      ? String.fromCodePoint(Math.min(Number.parseInt(code.slice(1), 16), 0x10ffff))
      : (escaped[code] ?? code),
  );
}
