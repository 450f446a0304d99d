import { html, type Html } from "./html.ts";

/** A text before and after refinement, with the sentences that went and those that came marked. */
export interface MarkedTexts {
  readonly before: Html;
  readonly after: Html;
}

/** Below this share of kept sentences the marks would cover everything and help nobody. */
const leastShareKept = 0.3;

/** Marks whole sentences by comparing the two texts; leaves both plain when nearly everything was rewritten. */
export function markChanges(before: string, after: string): MarkedTexts {
  const old = sentencesOf(before);
  const fresh = sentencesOf(after);
  const oldSet = new Set(old.map((sentence) => sentence.trim()));
  const freshSet = new Set(fresh.map((sentence) => sentence.trim()));
  const kept = fresh.filter((sentence) => oldSet.has(sentence.trim())).length;
  if (kept < leastShareKept * fresh.length)
    return { before: html`${before}`, after: html`${after}` };
  return {
    before: html`${old.map((text) => (freshSet.has(text.trim()) ? text : html`<del>${text}</del>`))}`,
    after: html`${fresh.map((text) => (oldSet.has(text.trim()) ? text : html`<ins>${text}</ins>`))}`,
  };
}

/** The text cut after each sentence or line; joined again it is the text. */
function sentencesOf(text: string): readonly string[] {
  return text.split(/(?<=[.!?;]\s+|\n)/);
}
