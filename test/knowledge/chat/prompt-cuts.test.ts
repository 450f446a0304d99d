import { describe, expect, test } from "vitest";
import { watchPromptCuts } from "../../../src/knowledge/chat/prompt-cuts.ts";
import type { ChatClient, Usage } from "../../../src/llm/chat.ts";

const { signal } = new AbortController();

/** Asks prompts of these many words, one token each, of a server that reads them so; what the user is told. */
async function told(
  prompts: readonly number[],
  read: (words: number) => Partial<Usage>,
  isCached = false,
) {
  const notes: string[] = [];
  const counted: number[] = [];
  const client: ChatClient = {
    provider: "openai",
    model: "m-5",
    inFlight: 3,
    ask: ({ messages, promptVersion }) =>
      Promise.resolve({
        ...{ key: "k", provider: "openai", model: "m-5", promptVersion, costUsd: null },
        answer: { status: "ok", text: "yes" },
        usage: {
          ...{ promptTokens: null, completionTokens: null, cachedTokens: null },
          ...read(messages.reduce((sum, { content }) => sum + content.split(" ").length, 0)),
        },
        ...{ latencyMs: 1, attempts: 1, isCached },
      }),
  };
  const count = (text: string): number => {
    counted.push(text.length);
    return text.split(" ").length;
  };
  const watched = watchPromptCuts(client, { method: "exact", count }, (_about, note) =>
    notes.push(note),
  );
  for (const words of prompts) {
    const content = Array.from({ length: words }, () => "word").join(" ");
    const messages = [{ role: "user", content }] as const;
    const call = await watched.ask(
      { messages, promptVersion: "p", schema: null, sample: 0 },
      signal,
    );
    expect(call.answer).toEqual({ status: "ok", text: "yes" });
  }
  return { notes, counted, inFlight: watched.inFlight };
}

describe("watchPromptCuts", () => {
  test("tells once of a server that reads no more than its context of longer prompts", async () => {
    const { notes, inFlight } = await told([100, 300, 900, 901], (words) => ({
      promptTokens: Math.min(words, 256),
    }));
    expect(notes).toHaveLength(1);
    expect(notes[0]).toContain(
      "the server read 256 tokens of a prompt to m-5 that has 900: it cuts prompts off",
    );
    expect(inFlight).toBe(3);
  });

  test.each<[string, (words: number) => Partial<Usage>]>([
    ["reads all, and a template around it", (words) => ({ promptTokens: words + 12 })],
    ["counts a little otherwise", (words) => ({ promptTokens: Math.floor(words * 0.9) })],
    ["counts what its cache holds apart", (words) => ({ promptTokens: 40, cachedTokens: words })],
    ["does not say", () => ({})],
  ])("says nothing of a server that %s", async (_what, read) => {
    expect((await told([100, 900], read)).notes).toEqual([]);
  });

  test("says nothing of answers from the cache, and counts only prompts longer than all before", async () => {
    expect((await told([900], () => ({ promptTokens: 1 }), true)).notes).toEqual([]);
    const { counted } = await told([300, 200, 300, 400], (words) => ({ promptTokens: words }));
    expect(counted).toHaveLength(2);
  });
});
