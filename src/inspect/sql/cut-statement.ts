/** A text cut at the first semicolon that ends a statement. */
interface CutStatement {
  /** Without the semicolon. */
  readonly statement: string;
  readonly rest: string;
}

/** What a semicolon may stand in without ending anything, tried in turn at every place of the text. */
const closed = [
  /--[^\r\n]*/y,
  /e'(?:[^'\\]|\\.|'')*'/isy,
  /'(?:[^']|'')*'/y,
  /"(?:[^"]|"")*"/y,
  /(\$\w*\$).*?\1/sy,
];
/** What has begun and goes on in the text to come. */
const opened = /e'|'|"|\$\w*\$/iy;
/** So that the e of name'…' begins no text of its own. */
const word = /[\w$]+/y;

/** Null while no statement is complete: a semicolon in a text, a quoted name or a comment ends none. */
export function cutStatement(text: string): CutStatement | null {
  let at = 0;
  while (at < text.length) {
    if (text[at] === ";") return { statement: text.slice(0, at), rest: text.slice(at + 1) };
    const end = text.startsWith("/*", at) ? commentEnd(text, at) : endOf(text, at);
    if (end === null) return null;
    at = end;
  }
  return null;
}

/** Whether there is nothing but comments and blanks in a text. */
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

/** Comments nest. Null while one is open. */
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
