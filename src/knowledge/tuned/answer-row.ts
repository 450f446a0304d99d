import type { Row } from "../../tables/database.ts";
import { askAndParse, type AskOptions, type Parsed } from "../chat/ask-and-parse.ts";
import { parseJudgement } from "../chat/parse-judgement.ts";
import { parseKnowledge } from "../chat/parse-knowledge.ts";
import type { HeldOut } from "./held-out.ts";

export interface AnswerRowOptions extends Omit<AskOptions, "onCall" | "sample"> {
  /** Whether a text names what it must not know. */
  readonly namesTarget: (text: string) => boolean;
}

/** What a row of an answer says of it. */
interface Said {
  readonly judgement: string | null;
  /** What the answer says in words. */
  readonly text: string;
}

/** Asks a model a held-out prompt. The row says whether the answer could be read, and what is in it. */
export async function answerRow(
  { task, subjectId, sample, prompt, judgement }: HeldOut,
  { namesTarget, ...options }: AnswerRowOptions,
): Promise<Row> {
  const { parsed, call } = await askAndParse<Said>(
    prompt,
    task === "reflect" ? readJudgement : readText,
    { ...options, sample: 0, onCall: () => undefined },
  );
  const said = parsed.status === "read" ? parsed.answer : null;
  return {
    ...{ task, subject_id: subjectId, sample, status: statusOf(parsed) },
    expected: judgement,
    judgement: said?.judgement ?? null,
    words: said === null ? null : (said.text.match(/\S+/gu)?.length ?? 0),
    names_target: said === null ? null : namesTarget(said.text),
    completion_tokens: call.usage.completionTokens,
  };
}

function readJudgement(text: string): Said | null {
  const judged = parseJudgement(text);
  return judged && { judgement: judged.judgement, text: judged.reflection ?? "" };
}

function readText(text: string): Said | null {
  const knowledge = parseKnowledge(text);
  return knowledge === null ? null : { judgement: null, text: knowledge };
}

function statusOf({ status }: Parsed<Said>): string {
  return status;
}
