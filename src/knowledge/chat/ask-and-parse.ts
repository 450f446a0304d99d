import type { AnswerFault, ChatCall, ChatClient } from "../../llm/chat.ts";
import { NoAnswer } from "../answers/no-answer.ts";
import { answerText } from "./answer-text.ts";
import { askedAgain, type Prompt } from "./prompts.ts";
import { isRefusal } from "./refusal.ts";
import type { SchemaSupport } from "./schema-support.ts";

/** A parsed answer, or why there is none. */
export type Parsed<A> =
  | { readonly status: "read"; readonly answer: A }
  | { readonly status: AnswerFault | "unreadable"; readonly reason: string };

/** Retries use sample numbers this far above, so that the cache never returns the unreadable answer. */
const samplesApart = 1000;

/** Whom to ask, and how often to retry. */
export interface AskOptions {
  readonly client: ChatClient;
  /** Retries after an answer that cannot be parsed. */
  readonly askAgain: number;
  /** Index of the answer among several to the same prompt, from 0. */
  readonly sample: number;
  readonly signal: AbortSignal;
  /** Called with every call that led to the outcome; `ask` 0 is the first. */
  readonly onCall: (ask: number, call: ChatCall) => void;
  /** What is known of the server's schemas; shared by all prompts to it. Default: they are expected to work. */
  readonly schemas?: SchemaSupport;
}

/** An outcome and the last call. */
export interface Asked<A> {
  readonly parsed: Parsed<A>;
  readonly call: ChatCall;
}

/**
 * Asks until an answer can be parsed, the model gives none, or the retries are used up. Retries remind the model of the form. Where
 * no answer of an earlier run could be parsed, all are asked for anew, if the run's policy says so. A prompt whose schema the server
 * refuses is asked in tags.
 *
 * @param parse - Returns null for a text that is no answer
 * @returns The parsed answer and the last call; a refusal in place of an answer is "filtered", and is not asked again
 * @throws errors of the client that affect the whole run; `AnswerPending` when the answer waits for a batch
 */
export async function askAndParse<A>(
  prompt: Prompt,
  parse: (text: string) => A | null,
  options: AskOptions,
): Promise<Asked<A>> {
  const { schemas, onCall } = options;
  const calls: ChatCall[] = [];
  const ask = async (form: Prompt): Promise<Asked<A>> => {
    const told = await askInTurn(form, parse, false, options);
    const isOld = told.calls.every(({ isCached }) => isCached);
    const last =
      told.parsed.status === "unreadable" && isOld
        ? await askInTurn(form, parse, true, options)
        : told;
    calls.push(...last.calls);
    return last;
  };
  const { inTags } = prompt;
  const isInTags = inTags !== undefined && schemas?.isRefused === true;
  let asked = await ask(isInTags ? inTags() : prompt);
  if (!isInTags && inTags !== undefined && schemas?.isRefusal(asked.parsed) === true) {
    asked = await ask(inTags());
    if (asked.parsed.status !== "rejected") schemas.refuse();
  }
  for (const [place, call] of calls.entries()) onCall(place, call);
  return asked;
}

async function askInTurn<A>(
  prompt: Prompt,
  parse: (text: string) => A | null,
  isRenewed: boolean,
  { client, askAgain, sample, signal }: AskOptions,
): Promise<Asked<A> & { readonly calls: readonly ChatCall[] }> {
  const calls: ChatCall[] = [];
  for (let ask = 0; ; ask += 1) {
    const { messages, promptVersion, schema } = ask === 0 ? prompt : askedAgain(prompt);
    const question = { messages, promptVersion, schema, sample: sample + ask * samplesApart };
    const call = await client.ask({ ...question, ...(isRenewed && { isRenewed }) }, signal);
    calls.push(call);
    if (call.answer.status !== "ok") return { parsed: call.answer, call, calls };
    const said = answerText(call.answer.text);
    if (isRefusal(said)) {
      const reason = `the model refused: ${excerpt(said)}`;
      return { parsed: { status: "filtered", reason }, call, calls };
    }
    const answer = parse(call.answer.text);
    if (answer !== null) return { parsed: { status: "read", answer }, call, calls };
    if (ask === askAgain) {
      const times = ask === 0 ? "the answer" : `${ask + 1} answers`;
      const reason = `could not read ${times} to ${promptVersion}`;
      return { parsed: { status: "unreadable", reason }, call, calls };
    }
  }
}

/**
 * The answer, or the error of its subject.
 *
 * @throws NoAnswer "unreadable answer: ..." with the start of the last answer, or the fault of a prompt without one
 */
export function answerOrThrow<A>({ parsed, call }: Asked<A>): A {
  if (parsed.status === "read") return parsed.answer;
  throw new NoAnswer(
    parsed.status,
    parsed.status === "unreadable" && call.answer.status === "ok"
      ? `unreadable answer: ${excerpt(call.answer.text)}`
      : `${parsed.status}: ${parsed.reason}`,
  );
}

/** The start of a text on one line. */
function excerpt(text: string): string {
  const line = text.replace(/\s+/gu, " ").trim();
  return line.length <= 200 ? line : `${line.slice(0, 200)}…`;
}
