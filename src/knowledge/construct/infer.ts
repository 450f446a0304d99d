import type { ChatCall, ChatClient } from "../../llm/chat.ts";
import { parseConstruction } from "../chat/parse-construction.ts";
import { parseJudgement } from "../chat/parse-judgement.ts";
import type { Prompt, Prompts } from "../chat/prompts.ts";
import type { SchemaSupport } from "../chat/schema-support.ts";
import type { RequestStep } from "../request-row.ts";
import type { TeacherCase } from "./cases.ts";
import { askAndParse, type Parsed } from "../chat/ask-and-parse.ts";
import { decide, type Answers, type Question } from "./route.ts";

/** The teacher model and how to ask it. */
export interface Teacher<C, K> {
  readonly client: ChatClient;
  readonly prompts: Prompts<C, K>;
  /** Retries after an answer that cannot be parsed. */
  readonly askAgain: number;
  /** What is known of the server's schemas, if the answers follow one. */
  readonly schemas?: SchemaSupport;
}

/** One inference: its answers and the calls they took. */
export interface Inference {
  /** Which of the inferences about its case, from 0. */
  readonly sample: number;
  readonly answers: Answers;
  /** Version of the last prompt. */
  readonly promptVersion: string;
  readonly calls: readonly { readonly step: RequestStep; readonly call: ChatCall }[];
}

/**
 * Asks the teacher about one case until its route is known.
 *
 * @throws errors of the client that affect the whole run; `AnswerPending` when an answer waits for a batch
 */
export async function infer<C, K>(
  { shown, label, namesTarget }: TeacherCase<C, K>,
  sample: number,
  { client, prompts, askAgain, schemas }: Teacher<C, K>,
  signal: AbortSignal,
): Promise<Inference> {
  const calls: { step: RequestStep; call: ChatCall }[] = [];
  let answers: Answers = { label, namesTarget };
  let promptVersion = "";

  const ask = async <A>(
    step: Question["step"],
    prompt: Prompt,
    parse: (text: string) => A | null,
  ): Promise<Parsed<A>> => {
    const place = {
      variant: null,
      sample,
      round: step === "refine" ? 1 : 0,
      role: "teacher",
    } as const;
    ({ promptVersion } = prompt);
    const { parsed } = await askAndParse(prompt, parse, {
      ...{ client, askAgain, sample, signal },
      ...(schemas && { schemas }),
      onCall: (asked, call) => {
        calls.push({ step: { ...place, task: `construct-${step}`, ask: asked }, call });
      },
    });
    return parsed;
  };

  const answered = async (question: Question): Promise<Partial<Answers>> => {
    switch (question.step) {
      case "reason": {
        const prompt = prompts.constructReason(shown);
        return { reason: await ask("reason", prompt, parseConstruction) };
      }
      case "reflect": {
        const prompt = prompts.constructReflect(shown, question.text);
        return { reflect: await ask("reflect", prompt, parseJudgement) };
      }
      case "refine": {
        const prompt = prompts.constructRefine(shown, question.text, question.reflection);
        return { refine: await ask("refine", prompt, parseConstruction) };
      }
    }
  };

  for (;;) {
    signal.throwIfAborted();
    const decision = decide(answers);
    if (decision.route !== "ask") return { sample, answers, promptVersion, calls };
    answers = { ...answers, ...(await answered(decision.question)) };
  }
}
