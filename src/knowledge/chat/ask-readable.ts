import type { ChatClient } from "../../llm/chat.ts";
import type { Ask, Origin } from "../roles.ts";
import { askedAgain, type Prompt } from "./prompts.ts";

/** How one prompt is asked. */
export interface AskReadableOptions<T> {
  readonly client: ChatClient;
  readonly prompt: Prompt;
  /** What is made of the answer's text; null when it cannot be read. */
  readonly parse: (text: string) => T | null;
  /** How often an unreadable answer is asked for again. */
  readonly askAgain: number;
  readonly ask: Ask;
}

/** An answer that could be read. */
export interface Readable<T> {
  readonly value: T;
  /** As the model gave it. */
  readonly text: string;
  readonly origin: Origin;
}

/** Samples of one question lie this far apart from those of its repetitions. */
const samplesAskedAgain = 1000;

/**
 * Asks a model, and asks again with a reminder of the form while the answer cannot be read. Each repetition is a sample of its
 * own, so that the cache never gives back the unreadable answer. Reports every call to `ask.onCall`.
 *
 * @throws Error with the fault of a prompt without an answer, or "unreadable answer: ..." after the last repetition: one
 *   subject's error. What the client throws (`FlowError`, `AnswerPending`, an abort) passes through.
 */
export async function askReadable<T>(options: AskReadableOptions<T>): Promise<Readable<T>> {
  const { client, prompt, parse, askAgain, ask } = options;
  let unreadable = "";
  for (let time = 0; time <= askAgain; time += 1) {
    const { messages, promptVersion, schema } = time === 0 ? prompt : askedAgain(prompt);
    const sample = ask.sample + samplesAskedAgain * time;
    const call = await client.ask({ messages, promptVersion, schema, sample }, ask.signal);
    ask.onCall(call);
    if (call.answer.status !== "ok") {
      throw new Error(`${call.answer.status}: ${call.answer.reason}`);
    }
    const { text } = call.answer;
    const value = parse(text);
    if (value !== null) {
      return { value, text, origin: { provider: call.provider, model: call.model, promptVersion } };
    }
    unreadable = text;
  }
  throw new Error(`unreadable answer: ${excerpt(unreadable)}`);
}

/** The start of a text on one line. */
function excerpt(text: string): string {
  const line = text.replace(/\s+/gu, " ").trim();
  return line.length <= 200 ? line : `${line.slice(0, 200)}…`;
}
