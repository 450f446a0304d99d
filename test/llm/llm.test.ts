import { describe, expect, test } from "vitest";
import { openLlm } from "../../src/llm/llm.ts";
import { type ChatQuestion, type Transport } from "../../src/llm/chat.ts";
import type { OpenaiSettings } from "../../src/llm/settings.ts";
import { scratchFolder } from "../util/scratch-folder.ts";

const settings: OpenaiSettings = {
  provider: "openai",
  model: "m-1",
  sampling: { temperature: 0, topP: 1, maxTokens: 100, seed: 1, stop: [], extra: {} },
  structured: "tags",
  askAgain: 0,
  baseUrl: "http://127.0.0.1:1/v1",
  apiKeyEnv: "KEY",
  headers: {},
  limits: { inFlight: 64, timeoutS: 120, attempts: 6, downAfterS: 300 },
};

function question(text: string): ChatQuestion {
  return {
    promptVersion: "p1",
    messages: [{ role: "user", content: text }],
    schema: null,
    sample: 0,
  };
}

const { signal } = new AbortController();
const echo: Transport = {
  send: ({ messages }) =>
    Promise.resolve({
      text: `re: ${messages[0]?.content ?? ""}`,
      usage: { promptTokens: 10, completionTokens: 5, cachedTokens: null },
    }),
  close: () => Promise.resolve(),
};

describe("openLlm", () => {
  test("asks once, answers from the cache afterwards, also in a later session", async () => {
    const cacheDir = await scratchFolder();
    const options = {
      cacheDir,
      queueDir: cacheDir,
      runId: "run",
      budget: {},
      prices: { "m-1": { prompt: 1, completion: 2 } },
      openTransport: () => Promise.resolve(echo),
    };
    const llm = await openLlm(options);
    const client = await llm.client(settings);
    const call = await client.ask(question("a"), signal);
    expect(call).toMatchObject({
      provider: "openai",
      model: "m-1",
      promptVersion: "p1",
      answer: { status: "ok", text: "re: a" },
      costUsd: 20e-6,
      attempts: 1,
      isCached: false,
    });
    expect(await client.ask(question("a"), signal)).toEqual({ ...call, isCached: true });
    await llm.close();

    const later = await openLlm(options);
    expect(await (await later.client(settings)).ask(question("a"), signal)).toEqual({
      ...call,
      isCached: true,
    });
    await later.close();
  });
});
