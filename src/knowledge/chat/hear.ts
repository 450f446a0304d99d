import type { AnswerFault, ChatCall, ChatClient } from "../../llm/chat.ts";
import { askedAgain, type Prompt } from "./prompts.ts";

/** An answer as read, or why there is none to read. */
export type Heard<A> =
  | { readonly status: "read"; readonly answer: A }
  | { readonly status: AnswerFault | "unreadable"; readonly reason: string };

/** Each repetition is a sample of its own, this far above, so that the cache never gives back the unreadable answer. */
const samplesApart = 1000;

/** Whom to ask, and how often again. */
export interface Hearing {
  readonly client: ChatClient;
  /** Times an answer that cannot be read is asked for again. */
  readonly askAgain: number;
  /** Which of several answers to the same prompt, from 0. */
  readonly sample: number;
  readonly signal: AbortSignal;
  /** Told of every call; `ask` 0 is the first. */
  readonly onCall: (ask: number, call: ChatCall) => void;
}

/**
 * Asks until an answer can be read, or there is none, or the times to ask again are used up.
 *
 * @param read - null where the text is no answer
 * @throws what the client throws: it concerns the run, or the answer comes by batch
 */
export async function hear<A>(
  prompt: Prompt,
  read: (text: string) => A | null,
  { client, askAgain, sample, signal, onCall }: Hearing,
): Promise<Heard<A>> {
  for (let ask = 0; ; ask += 1) {
    const { messages, promptVersion, schema } = ask === 0 ? prompt : askedAgain(prompt);
    const question = { messages, promptVersion, schema, sample: sample + ask * samplesApart };
    const call = await client.ask(question, signal);
    onCall(ask, call);
    if (call.answer.status !== "ok") return call.answer;
    const answer = read(call.answer.text);
    if (answer !== null) return { status: "read", answer };
    if (ask === askAgain) {
      const times = ask === 0 ? "the answer" : `${ask + 1} answers`;
      return { status: "unreadable", reason: `could not read ${times} to ${promptVersion}` };
    }
  }
}
