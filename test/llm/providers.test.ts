import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { openLlm } from "../../src/llm/llm.ts";
import { chatProviders, chatSettings } from "../../src/llm/providers.ts";
import { AnswerPending, type Transport } from "../../src/llm/chat.ts";
import { scratchFolder } from "../util/scratch-folder.ts";

const transport: Transport = {
  send: () =>
    Promise.resolve({
      text: "an answer",
      usage: { promptTokens: 1, completionTokens: 1, cachedTokens: null },
    }),
  close: () => Promise.resolve(),
};
const question = {
  promptVersion: "p1",
  messages: [{ role: "user", content: "a question" }],
  schema: null,
  sample: 0,
} as const;

async function open(name: keyof typeof chatProviders, extra: object = {}) {
  const settings = chatProviders[name].settings.parse({
    provider: name,
    model: "m",
    sampling: { extra },
  });
  const cacheDir = await scratchFolder();
  const llm = await openLlm({
    ...{ cacheDir, queueDir: join(cacheDir, "queue"), runId: "run", budget: {}, prices: {} },
    openTransport: () => Promise.resolve(transport),
  });
  onTestFinished(() => llm.close());
  return llm.client(settings);
}

describe.each(Object.keys(chatProviders).map((name) => name as keyof typeof chatProviders))(
  "chat provider %s",
  (name) => {
    test("is named by the settings it reads, which need no more than a model", () => {
      const settings = chatProviders[name].settings.parse({ provider: name, model: "m" });
      expect(settings).toMatchObject({ provider: name, model: "m", askAgain: 1 });
      expect(chatSettings).toContain(chatProviders[name].settings);
    });

    test("opens a client under its name that answers, or queues the prompt for a batch", async () => {
      const client = await open(name);
      expect(client).toMatchObject({ provider: name, model: "m" });
      expect(client.inFlight).toBeGreaterThan(0);
      const call = await client
        .ask(question, new AbortController().signal)
        .catch((thrown: unknown) => thrown);
      if (call instanceof AnswerPending) return;
      expect(call).toMatchObject({
        ...{ provider: name, model: "m", promptVersion: "p1", isCached: false },
        answer: { status: "ok", text: "an answer" },
      });
    });

    test("sends nothing after an abort", async () => {
      const client = await open(name);
      const reason = new Error("stopped");
      await expect(client.ask(question, AbortSignal.abort(reason))).rejects.toBe(reason);
    });

    test("refuses fields of sampling.extra that the engine sets itself", async () => {
      await expect(open(name, { stream: true })).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    });
  },
);
