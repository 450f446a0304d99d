import type { ChatClient } from "../../llm/chat.ts";
import type { Ask, Origin } from "../roles.ts";
import { hear } from "./hear.ts";
import type { Prompt } from "./prompts.ts";

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

/**
 * Asks a model, and asks again with a reminder of the form while the answer cannot be read. Reports every call to `ask.onCall`.
 *
 * @throws Error with the fault of a prompt without an answer, or "unreadable answer: ..." after the last repetition: one
 *   subject's error. What the client throws (`FlowError`, `AnswerPending`, an abort) passes through.
 */
export async function askReadable<T>(options: AskReadableOptions<T>): Promise<Readable<T>> {
  const { client, prompt, parse, askAgain, ask } = options;
  let text = "";
  let { promptVersion } = prompt;
  const heard = await hear(
    prompt,
    (answer) => {
      text = answer;
      return parse(answer);
    },
    {
      ...{ client, askAgain, sample: ask.sample, signal: ask.signal },
      onCall: (_time, call) => {
        promptVersion = call.promptVersion;
        ask.onCall(call);
      },
    },
  );
  switch (heard.status) {
    case "read":
      return {
        value: heard.answer,
        text,
        origin: { provider: client.provider, model: client.model, promptVersion },
      };
    case "unreadable":
      throw new Error(`unreadable answer: ${excerpt(text)}`);
    default:
      throw new Error(`${heard.status}: ${heard.reason}`);
  }
}

/** The start of a text on one line. */
function excerpt(text: string): string {
  const line = text.replace(/\s+/gu, " ").trim();
  return line.length <= 200 ? line : `${line.slice(0, 200)}…`;
}
