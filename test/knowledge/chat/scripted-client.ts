import type { ChatCall, ChatClient, ChatQuestion } from "../../../src/llm/chat.ts";
import type { Ask } from "../../../src/knowledge/roles.ts";

/** A client that answers from a function and keeps what it was asked. A fault is an answer of another status than "ok". */
export function scriptedClient(
  answer: (question: ChatQuestion, time: number) => string | ChatCall["answer"],
): { readonly client: ChatClient; readonly asked: readonly ChatQuestion[] } {
  const asked: ChatQuestion[] = [];
  const client: ChatClient = {
    provider: "openai",
    model: "scripted",
    inFlight: 7,
    ask: async (question, signal) => {
      signal.throwIfAborted();
      const time = asked.push(question) - 1;
      const given = await Promise.resolve(answer(question, time));
      return {
        key: `key-${time}`,
        provider: "openai",
        model: "scripted",
        promptVersion: question.promptVersion,
        answer: typeof given === "string" ? { status: "ok", text: given } : given,
        usage: { promptTokens: null, completionTokens: null, cachedTokens: null },
        costUsd: null,
        latencyMs: 1,
        attempts: 1,
        isCached: false,
      };
    },
  };
  return { client, asked };
}

/** What goes with a question, and the calls it reported. */
export function recordingAsk(sample = 0): { readonly ask: Ask; readonly calls: ChatCall[] } {
  const calls: ChatCall[] = [];
  const ask: Ask = {
    signal: new AbortController().signal,
    sample,
    onCall: (call) => calls.push(call),
  };
  return { ask, calls };
}
