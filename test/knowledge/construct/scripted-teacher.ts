/** @file A chat client that plays the teacher by a plan for each inference, so that every count can be worked out by hand. */

import type { AnswerFault, ChatCall, ChatClient, ChatQuestion } from "../../../src/llm/chat.ts";

/** What the teacher answers to the three prompts of one inference; a prompt that must not be asked has no answer. */
export interface Plan {
  readonly reason?: Said;
  readonly reflect?: Said;
  readonly refine?: Said;
}

/** An answer, several in turn, a fault, or an exception to throw. */
export type Said = string | readonly string[] | { readonly fault: AnswerFault } | Error;

export const knowledge = (verdict: "like" | "dislike", text: string): string =>
  `<knowledge>${text}</knowledge>\n<verdict>${verdict}</verdict>`;
export const reasonable = "<judgement>reasonable</judgement>\n<reflection></reflection>";
export const unreasonable = (reflection: string): string =>
  `<judgement>unreasonable</judgement>\n<reflection>${reflection}</reflection>`;

/** A teacher and the questions it was asked. */
export interface ScriptedTeacher {
  readonly client: ChatClient;
  readonly asked: readonly ChatQuestion[];
}

/** A teacher that follows the plans of each case by its id, one a sample. `idOf` finds the id in the first message with data. */
export function scriptedTeacher(
  plans: Readonly<Record<number, readonly Plan[]>>,
  idOf: RegExp,
): ScriptedTeacher {
  const asked: ChatQuestion[] = [];
  const answer = (question: ChatQuestion): Promise<ChatCall> => {
    asked.push(question);
    const [sample, again] = [question.sample % 1000, Math.floor(question.sample / 1000)];
    const step = /construct-(reason|reflect|refine)@/.exec(question.promptVersion)?.[1];
    const id = Number(idOf.exec(question.messages[1]?.content ?? "")?.[1]);
    const said = plans[id]?.[sample]?.[step as keyof Plan];
    if (said === undefined) throw new Error(`unexpected ${step ?? "question"} ${id}/${sample}`);
    if (said instanceof Error) throw said;
    return Promise.resolve(callOf(question, answerOf(said, again)));
  };
  const client: ChatClient = {
    provider: "script",
    model: "teacher-1",
    inFlight: 4,
    ask: async (question) => answer(question),
  };
  return { client, asked };
}

function answerOf(said: Exclude<Said, Error>, again: number): ChatCall["answer"] {
  if (typeof said === "string") return { status: "ok", text: said };
  if ("fault" in said) return { status: said.fault, reason: `the ${said.fault} one` };
  return { status: "ok", text: said[again] ?? "" };
}

function callOf({ promptVersion, sample }: ChatQuestion, answer: ChatCall["answer"]): ChatCall {
  return {
    key: `key ${promptVersion} ${sample}`,
    provider: "script",
    model: "teacher-1",
    promptVersion,
    answer,
    usage: { promptTokens: 100, completionTokens: 10, cachedTokens: null },
    costUsd: 0.001,
    latencyMs: 1,
    attempts: 1,
    isCached: false,
  };
}
