import type { AnswerFault } from "../../llm/chat.ts";
import type { Construction } from "../chat/parse-construction.ts";
import type { Parsed } from "../chat/ask-and-parse.ts";
import type { Judged } from "../chat/parse-judgement.ts";

/** 1 liked, 0 not. */
export type Label = 0 | 1;

/** The teacher's answers so far in one inference, and the correct label. */
export interface Answers {
  /** The known answer. */
  readonly label: Label;
  /** Whether a text names what the student must not know. */
  readonly namesTarget: (text: string) => boolean;
  readonly reason?: Parsed<Construction>;
  readonly reflect?: Parsed<Judged>;
  readonly refine?: Parsed<Construction>;
}

/** Why an inference is dropped. */
export type DropReason =
  | "unreasonable_but_right"
  | "reasonable_but_wrong"
  | "still_wrong"
  | "target_in_text"
  | "unreadable"
  | AnswerFault;

/** What to ask the teacher next. */
export type Question =
  | { readonly step: "reason" }
  | { readonly step: "reflect"; readonly text: string }
  | { readonly step: "refine"; readonly text: string; readonly reflection: string };

/** The next step: another question, or the inference's route. */
export type Decision =
  | { readonly route: "ask"; readonly question: Question }
  | { readonly route: "reason"; readonly text: string }
  | {
      readonly route: "refine";
      readonly text: string;
      readonly reflection: string;
      readonly refinedText: string;
    }
  | {
      readonly route: "dropped";
      readonly reason: DropReason;
      /** The step without an answer, and why; null when the answers themselves are the reason. */
      readonly error: string | null;
    };

/**
 * The routing of the method: a right verdict with a text judged reasonable teaches reasoning; a wrong one with a text judged
 * unreasonable, then corrected by a refinement, teaches refinement; everything else is dropped.
 *
 * Each text is checked at once: one that names the target is dropped, so no further questions are asked about it.
 */
export function decide({ label, namesTarget, reason, reflect, refine }: Answers): Decision {
  if (reason === undefined) return ask({ step: "reason" });
  if (reason.status !== "read") return unanswered("reason", reason);
  const { text, verdict } = reason.answer;
  if (namesTarget(text)) return dropped("target_in_text");

  if (reflect === undefined) return ask({ step: "reflect", text });
  if (reflect.status !== "read") return unanswered("reflect", reflect);
  const { judgement, reflection } = reflect.answer;
  const isRight = labelOf(verdict) === label;
  if (judgement === "reasonable") {
    return isRight ? { route: "reason", text } : dropped("reasonable_but_wrong");
  }
  if (namesTarget(reflection)) return dropped("target_in_text");
  if (isRight) return dropped("unreasonable_but_right");

  if (refine === undefined) return ask({ step: "refine", text, reflection });
  if (refine.status !== "read") return unanswered("refine", refine);
  const refined = refine.answer;
  if (namesTarget(refined.text)) return dropped("target_in_text");
  if (labelOf(refined.verdict) !== label) return dropped("still_wrong");
  return { route: "refine", text, reflection, refinedText: refined.text };
}

/** A verdict as a label. */
export function labelOf(verdict: Construction["verdict"]): Label {
  return verdict === "like" ? 1 : 0;
}

function ask(question: Question): Decision {
  return { route: "ask", question };
}

function dropped(reason: DropReason): Decision {
  return { route: "dropped", reason, error: null };
}

function unanswered(
  step: Question["step"],
  { status, reason }: Exclude<Parsed<unknown>, { readonly status: "read" }>,
): Decision {
  return { route: "dropped", reason: status, error: `${step}: ${reason}` };
}
