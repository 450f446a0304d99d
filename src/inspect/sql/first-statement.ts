/** A text split at the first semicolon that ends a statement. */
interface SplitText {
  /** Without the semicolon. */
  readonly statement: string;
  readonly rest: string;
}

/** Tokens in which a semicolon does not end the statement. Tried in order at every position. */
const closed = [
  /--[^\r\n]*/y,
  /e'(?:[^'\\]|\\.|'')*'/isy,
  /'(?:[^']|'')*'/y,
  /"(?:[^"]|"")*"/y,
  /(\$\w*\$).*?\1/sy,
];
/** Start of such a token whose end has not been typed yet. */
const opened = /e'|'|"|\$\w*\$/iy;
/** Skipped as a whole: the e of name'…' does not start an escape string. */
const word = /[\w$]+/y;

/** Null while no statement is complete. A semicolon inside a string, a quoted name or a comment ends nothing. */
export function firstStatement(text: string): SplitText | null {
  let at = 0;
  while (at < text.length) {
    if (text[at] === ";") return { statement: text.slice(0, at), rest: text.slice(at + 1) };
    const end = text.startsWith("/*", at) ? commentEnd(text, at) : endOf(text, at);
    if (end === null) return null;
    at = end;
  }
  return null;
}

/** Whether a text holds only comments and white space. */
export function isBlank(text: string): boolean {
  const rest = text.trimStart();
  if (rest.startsWith("--")) return isBlank(rest.replace(/^--[^\r\n]*/, ""));
  if (!rest.startsWith("/*")) return rest === "";
  const end = commentEnd(rest, 0);
  return end !== null && isBlank(rest.slice(end));
}

function endOf(text: string, at: number): number | null {
  const end = closed.map((pattern) => matchEnd(pattern, text, at)).find((found) => found !== null);
  if (end !== undefined) return end;
  return matchEnd(opened, text, at) === null ? (matchEnd(word, text, at) ?? at + 1) : null;
}

function matchEnd(pattern: RegExp, text: string, at: number): number | null {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : null;
}

/** Comments nest. Null if one is still open. */
function commentEnd(text: string, start: number): number | null {
  const marks = /\/\*|\*\//g;
  marks.lastIndex = start;
  let depth = 0;
  for (let mark = marks.exec(text); mark !== null; mark = marks.exec(text)) {
    depth += mark[0] === "/*" ? 1 : -1;
    if (depth === 0) return marks.lastIndex;
  }
  return null;
}
