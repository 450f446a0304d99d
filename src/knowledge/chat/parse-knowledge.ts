import { textOf } from "./answer-json.ts";
import { answerText, findMarked, isJson, withoutTags } from "./answer-text.ts";

/** A first line that only announces the text: "Here is the description:", "Sure!". */
const announcement =
  /^(?:(?:sure|certainly|of course|okay|ok|absolutely)\b[^\n:]{0,80}[.!:]?[ \t]*\n+|(?:(?:sure|certainly|of course|okay|ok|absolutely)[,!. ]+)?(?:here(?:['’]s| is| are)|below is|the following is)\b[^\n.]{0,150}:[ \t]*\n+)/iu;
const heading = /^(?:#{1,6}[ \t]+[^\n]{1,100}|\*\*[^\n*]{1,100}\*\*:?)[ \t]*\n+/u;
const label = /^[*_#"]*(?:knowledge|description|preferences?)[*_"]*[ \t]*:[*_]*\s*/iu;
const outerTag = /^<\s*([a-z][\w-]*)\s*>([\s\S]*?)<\s*\/\s*\1\s*>$/iu;
const outerQuotes = /^(["“])([^"“”]*)["”]$/u;

/**
 * The knowledge text in an answer that should be nothing else: without thinking, fences, tags, JSON around it, and without a
 * heading or a line that only announces it.
 *
 * @returns null when no word is left, or only JSON
 */
export function parseKnowledge(text: string): string | null {
  const said = answerText(text);
  const [part] = findMarked(said, "knowledge");
  return knowledgeText(part === undefined ? (listed(said) ?? said) : part.value);
}

/** The texts of a JSON list that is the whole answer. */
function listed(text: string): string | null {
  if (!text.startsWith("[")) return null;
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) && list.every((each) => typeof each === "string")
      ? textOf(list)
      : null;
  } catch {
    return null;
  }
}

/** A text without announcement, wrapping and tags; null when no word is left. */
export function knowledgeText(text: string): string | null {
  const body = withoutOpening(answerText(text));
  const inner = outerTag.exec(body)?.[2] ?? outerQuotes.exec(body)?.[2] ?? body;
  const plain = printable(withoutTags(inner)).trim();
  const isText = /\p{L}{2}/u.test(plain) && !isJson(plain) && !nothing.test(plain);
  return isText ? plain : null;
}

const nothing = /^(?:none|null|nothing|undefined|unknown|no description)[.!]*$/iu;
/** Terminal escapes, control characters and halves of characters. */
const unprintable =
  /\u001b\[[\d;]*[A-Za-z]|[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]|\p{Cs}/gu;

function printable(text: string): string {
  return text.replace(unprintable, "");
}

function withoutOpening(text: string): string {
  let rest = text;
  for (const opening of [announcement, heading, label]) {
    const after = rest.replace(opening, "").trim();
    if (after !== "") rest = after;
  }
  return rest;
}
