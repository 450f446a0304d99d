import { answerText, findPart } from "./answer-text.ts";
import { knowledgeText } from "./parse-knowledge.ts";
import { parseVerdict, type Verdict } from "./parse-verdict.ts";

/** A teacher's text and verdict about a case. */
export interface Construction {
  readonly text: string;
  readonly verdict: Verdict;
}

/**
 * The text and the verdict in an answer, in tags, JSON or labelled lines. Without a part of its own, the text is the answer
 * without the verdict.
 *
 * @returns null when either is missing, or when verdicts disagree
 */
export function parseConstruction(text: string): Construction | null {
  const said = answerText(text);
  const [verdictPart] = findPart(said, "verdict");
  if (verdictPart === undefined) return null;
  const verdict = parseVerdict(said);
  const [knowledgePart] = findPart(said, "knowledge");
  const knowledge = knowledgeText(knowledgePart?.value ?? verdictPart.rest);
  return verdict === null || knowledge === null ? null : { text: knowledge, verdict };
}
