import { answerText, findPart, isJson, withoutTags } from "./answer-text.ts";
import { agreed } from "./parse-verdict.ts";

/** A judgement, with a reflection when it is negative. */
export type Judged =
  | { readonly judgement: "reasonable"; readonly reflection: null }
  | { readonly judgement: "unreasonable"; readonly reflection: string };

/** The form or the choice repeated before the answer. */
const echoed = /^[\s.…"'*_-]*$|reasonable["'*_\s]*(?:\/|\||or)["'*_\s]*(?:un|not )reasonable/iu;
const doubled = /\b(?:not|\w+n['’]t)\s+(?:\w+\s+){0,2}?(?:un|in)reasonable\b/iu;
const negative =
  /不合理|不合適|不合适|[불비]합리|\bunvernünftig|\bd[ée]raisonnable|\b(?:irrazonable|irrazoável|irragionevole)|неразумн|необоснован|\b(?:un|in)[ -]?reasonable\b|\b(?:not|never|hardly|neither|barely|(?:\w+n['’]t))\s+(?:\w+\s+){0,3}?reasonable\b|\b(?:nicht vernünftig|no razonable|não razoável|non ragionevole|pas raisonnable)|не разумн|\b(?:far from|less than|anything but)\s+reasonable\b/giu;
const positive =
  /合理|합리|\bvernünftig|\braisonnable|\b(?:razonable|razoável|ragionevole)|разумн|обоснован|\breasonable\b/iu;
/** A judgement at the start of an answer, up to the first other word. */
const opening =
  /^[\s>*_#"'([-]*(?:(?:the|this|that|it|text|description|above|is|judged|considered)\s+){0,6}(?:not\s+reasonable|un-?reasonable|reasonable)\b[*_"')\]]*[.:;,!]*/iu;
const nothing = /^[^\p{L}\p{N}]*(?:none|null|n\/?a|nothing|empty|not applicable)?[^\p{L}\p{N}]*$/iu;

/**
 * The judgement and the reflection in an answer: in tags, JSON fields or labelled lines; a judgement also in the opening words
 * or, failing that, anywhere. Denials first ("not reasonable", "unreasonable").
 *
 * Without a reflection of its own, an unreasonable judgement takes the rest of the answer for one.
 *
 * @returns null when there is no judgement, both, or an unreasonable one without a word on why
 */
export function parseJudgement(text: string): Judged | null {
  const said = answerText(text);
  const read = judgementOf(said);
  if (read === null) return null;
  if (read.judgement === "reasonable") return { judgement: "reasonable", reflection: null };
  const own = findPart(said, "reflection").map(({ value }) => value);
  const [reflection] = [...own, read.rest].map(withoutTags).filter(isSomething);
  return reflection === undefined ? null : { judgement: "unreasonable", reflection };
}

interface Read {
  readonly judgement: Judged["judgement"];
  /** The rest of the answer. */
  readonly rest: string;
}

function judgementOf(said: string): Read | null {
  const parts = findPart(said, "judgement");
  if (parts.length > 0) {
    const own = parts.filter(({ value }) => !echoed.test(value));
    const reads = (own.length === 0 ? parts : own).map(({ value, rest }) => {
      const inner = leading(value) ?? anywhere(value);
      return inner === null ? null : { judgement: inner.judgement, rest: `${inner.rest}\n${rest}` };
    });
    const judgement = agreed(reads.map((read) => read?.judgement ?? null));
    const rest = withoutLabels(reads[0]?.rest ?? "");
    return judgement === null ? null : { judgement, rest };
  }
  const plain = withoutTags(said);
  if (isJson(plain)) return null;
  return leading(plain) ?? anywhere(plain);
}

/** The judgement at the start of an answer; the rest may mention what would be reasonable. */
function leading(text: string): Read | null {
  const head = opening.exec(text)?.[0];
  if (head === undefined || /^\s+(?:or|and|nor)\b/iu.test(text.slice(head.length))) return null;
  const judgement = classify(head);
  return judgement === null ? null : { judgement, rest: text.slice(head.length).trim() };
}

/** The judgement anywhere in a text; the whole text is the reason, unless it is too short to be one. */
function anywhere(text: string): Read | null {
  const judgement = classify(text);
  if (judgement === null) return null;
  const words = text.replace(negative, " ").match(/\p{L}+/gu) ?? [];
  return { judgement, rest: words.length < 8 ? "" : text };
}

function classify(text: string): Judged["judgement"] | null {
  if (doubled.test(text)) return null;
  const affirmed = text.replace(negative, " ");
  const isNegative = affirmed !== text;
  if (isNegative === positive.test(affirmed)) return null;
  return isNegative ? "unreasonable" : "reasonable";
}

function withoutLabels(text: string): string {
  return text.replace(/^[\s*_#"']*(?:reflections?)[\s*_"']*:\s*/iu, "").trim();
}

function isSomething(text: string): boolean {
  return !nothing.test(text);
}
