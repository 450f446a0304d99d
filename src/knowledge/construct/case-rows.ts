import { conversationTokens, type TokenCounter } from "../../llm/count-tokens.ts";
import type { Parsed } from "../chat/ask-and-parse.ts";
import type { Row } from "../../tables/database.ts";
import type { AnswerForm } from "../chat/answer-form.ts";
import type { Judged } from "../chat/parse-judgement.ts";
import { printJudgement } from "../chat/print-answer.ts";
import type { Prompt, Prompts } from "../chat/prompts.ts";
import type { Subject } from "../../base/terms.ts";
import type { TeacherCase } from "./cases.ts";
import type { Inference } from "./infer.ts";
import { decide, labelOf } from "./route.ts";
import { sideOf } from "./side-of.ts";
import type { StudentCounters } from "./student-counters.ts";

/** Rows by table: one of `construction`, and those of the data sets that the inference went to. */
export interface InferenceRows {
  readonly construction: Row;
  readonly sft_reason: readonly Row[];
  readonly sft_refine: readonly Row[];
  readonly sft_reflect: readonly Row[];
}

/** How the student model will be asked, and what decides its rows besides. */
export interface Student<C> {
  readonly prompts: Pick<Prompts<C, unknown>, "reason" | "reflect" | "refine">;
  /** Form of its judgements. */
  readonly form: AnswerForm;
  readonly counters: StudentCounters;
  /** Share of the subjects that are for validation. */
  readonly validation: number;
}

/**
 * The rows of one inference. They depend only on its answers.
 *
 * @param model - The teacher's
 */
export function inferenceRows<C>(
  subject: Subject,
  { id, context }: Pick<TeacherCase<C, unknown>, "id" | "context">,
  { sample, answers, promptVersion }: Omit<Inference, "calls">,
  model: string,
  { prompts, form, counters, validation }: Student<C>,
): InferenceRows {
  const decision = decide(answers);
  const place = { subject, subject_id: id, sample };
  const taught = { sft_reason: [], sft_refine: [], sft_reflect: [] };

  const lesson = (
    { messages, promptVersion: version }: Prompt,
    completion: string,
    words: number,
    { count, method }: TokenCounter,
  ): Row => ({
    ...place,
    split: sideOf(subject, id, validation),
    messages: JSON.stringify(messages),
    completion,
    words,
    tokens: conversationTokens([...messages.map(({ content }) => content), completion], count),
    counted: method,
    prompt_version: version,
  });
  const textLesson = (prompt: Prompt, text: string): Row =>
    lesson(prompt, text, wordsOf(text), counters.actor);
  const judgementLesson = (text: string, judged: Judged): Row => ({
    ...lesson(
      prompts.reflect(context, text),
      printJudgement(judged, form),
      wordsOf(judged.reflection ?? ""),
      counters.reflector,
    ),
    judgement: judged.judgement,
  });
  const construction = (more: Row): Row => ({
    ...place,
    label: answers.label,
    verdict: verdictOf(answers.reason),
    judgement: answers.reflect?.status === "read" ? answers.reflect.answer.judgement : null,
    refined_verdict: verdictOf(answers.refine),
    route: decision.route,
    drop_reason: null,
    words: null,
    model,
    prompt_version: promptVersion,
    error: null,
    ...more,
  });

  switch (decision.route) {
    case "ask":
      throw new Error(`internal: inference ${sample} about ${subject} ${id} is not complete`);
    case "dropped": {
      const { reason: drop_reason, error } = decision;
      return { ...taught, construction: construction({ drop_reason, error }) };
    }
    case "reason": {
      const { text } = decision;
      return {
        ...taught,
        construction: construction({ words: wordsOf(text) }),
        sft_reason: [textLesson(prompts.reason(context), text)],
        sft_reflect: [judgementLesson(text, { judgement: "reasonable", reflection: null })],
      };
    }
    case "refine": {
      const { text, reflection, refinedText } = decision;
      return {
        ...taught,
        construction: construction({ words: wordsOf(refinedText) }),
        sft_refine: [textLesson(prompts.refine(context, text, reflection), refinedText)],
        sft_reflect: [judgementLesson(text, { judgement: "unreasonable", reflection })],
      };
    }
  }
}

function verdictOf(
  parsed: Parsed<{ readonly verdict: "like" | "dislike" }> | undefined,
): number | null {
  return parsed?.status === "read" ? labelOf(parsed.answer.verdict) : null;
}

/** Number of words, separated by white space. */
function wordsOf(text: string): number {
  return text.match(/\S+/gu)?.length ?? 0;
}
