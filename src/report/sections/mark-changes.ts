import { html, type Html } from "../../page/html.ts";

/** A text before and after refinement, with removed and added sentences marked. */
interface MarkedTexts {
  readonly before: Html;
  readonly after: Html;
}

/** Below this share of kept sentences, marks would cover nearly everything and not help. */
const leastShareKept = 0.3;

/** Marks whole sentences by comparing the two texts; leaves both plain when nearly everything was rewritten. */
export function markChanges(before: string, after: string): MarkedTexts {
  const old = sentencesOf(before);
  const fresh = sentencesOf(after);
  const oldSet = new Set(old.map((sentence) => sentence.text));
  const freshSet = new Set(fresh.map((sentence) => sentence.text));
  const kept = fresh.filter((sentence) => oldSet.has(sentence.text)).length;
  if (kept < leastShareKept * fresh.length) {
    return { before: html`${before}`, after: html`${after}` };
  }
  return {
    before: html`${old.map(({ text, gap }) => [freshSet.has(text) ? text : html`<del>${text}</del>`, gap])}`,
    after: html`${fresh.map(({ text, gap }) => [oldSet.has(text) ? text : html`<ins>${text}</ins>`, gap])}`,
  };
}

interface Sentence {
  readonly text: string;
  /** The white space after it. */
  readonly gap: string;
}

/** Splits a text after each sentence and line. Joining the pieces gives the text again. */
function sentencesOf(text: string): readonly Sentence[] {
  return text.split(/(?<=[.!?;]\s+|\n)(?=\S)/).map((piece) => {
    const trimmed = piece.trimEnd();
    return { text: trimmed, gap: piece.slice(trimmed.length) };
  });
}
