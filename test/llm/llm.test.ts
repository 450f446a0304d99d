import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { openAnswerCache } from "../../src/llm/cache/answer-cache.ts";
import { openLlm, type Llm, type LlmOptions } from "../../src/llm/llm.ts";
import type { ChatClient, ChatQuestion, Transport } from "../../src/llm/chat.ts";
import type { GgufSettings } from "../../src/llm/gguf/gguf-settings.ts";
import type { OpenaiSettings } from "../../src/llm/openai/openai-settings.ts";
import type { ChatSettings } from "../../src/llm/providers.ts";
import { eventually } from "../util/eventually.ts";
import { startChatServer, type ChatServerOptions, type Fault } from "../util/chat-server.ts";
import { scratchFolder } from "../util/scratch-folder.ts";
import { seededRandom } from "../util/seeded-random.ts";

const sampling = { temperature: 0, topP: 1, maxTokens: 100, seed: 1, stop: [], extra: {} };
let signal = new AbortController().signal;

beforeEach(() => {
  ({ signal } = new AbortController());
});

function settingsOf(change: Partial<OpenaiSettings> = {}): OpenaiSettings {
  return {
    provider: "openai",
    model: "m-1",
    sampling,
    structured: "tags",
    askAgain: 0,
    baseUrl: "http://127.0.0.1:1/v1",
    apiKeyEnv: "R4EC_TEST_NO_KEY",
    headers: {},
    limits: { inFlight: 64, timeoutS: 120, attempts: 6, downAfterS: 300 },
    ...change,
  };
}

function question(text: string): ChatQuestion {
  return {
    promptVersion: "p1",
    messages: [{ role: "user", content: text }],
    schema: null,
    sample: 0,
  };
}

/** Answers after a moment; counts what is under way. */
function countingTransport() {
  const seen = { underWay: 0, mostUnderWay: 0, sent: 0, opened: 0, closed: 0 };
  const transport: Transport = {
    send: async ({ messages }) => {
      seen.sent += 1;
      seen.underWay += 1;
      seen.mostUnderWay = Math.max(seen.mostUnderWay, seen.underWay);
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
      seen.underWay -= 1;
      return {
        text: `re: ${messages[0]?.content ?? ""}`,
        usage: { promptTokens: 10, completionTokens: 5, cachedTokens: null },
      };
    },
    close: () => {
      seen.closed += 1;
      return Promise.resolve();
    },
  };
  const openTransport = (): Promise<Transport> => {
    seen.opened += 1;
    return Promise.resolve(transport);
  };
  return { seen, openTransport };
}

async function opened(options: Partial<LlmOptions> = {}): Promise<Llm> {
  const folder = options.cacheDir ?? (await scratchFolder());
  const llm = await openLlm({
    cacheDir: folder,
    queueDir: join(folder, "queue"),
    runId: "run",
    budget: {},
    prices: {},
    ...options,
  });
  onTestFinished(() => llm.close());
  return llm;
}

function askAll(client: ChatClient, count: number, prefix = "p") {
  return Promise.all(
    Array.from({ length: count }, (_, number) =>
      client.ask(question(`${prefix}${number}`), signal),
    ),
  );
}

describe("openLlm", () => {
  test("asks once and answers from the cache afterwards, also in a later session", async () => {
    const cacheDir = await scratchFolder();
    const { seen, openTransport } = countingTransport();
    const prices = { "m-1": { prompt: 1, completion: 2 } };
    const options = { cacheDir, prices, openTransport };
    const llm = await opened(options);
    const client = await llm.client(settingsOf());
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

    const later = await (await opened(options)).client(settingsOf());
    expect(await later.ask(question("a"), signal)).toEqual({ ...call, isCached: true });
    expect(seen.sent).toBe(1);
  });

  test("asks again for another model, sampling, sample, schema or version", async () => {
    const { seen, openTransport } = countingTransport();
    const llm = await opened({ openTransport });
    const client = await llm.client(settingsOf());
    const warm = await llm.client(settingsOf({ sampling: { ...sampling, temperature: 1 } }));
    const other = await llm.client(settingsOf({ model: "m-2" }));
    for (const each of [client, warm, other]) await each.ask(question("a"), signal);
    await client.ask({ ...question("a"), sample: 1 }, signal);
    await client.ask({ ...question("a"), promptVersion: "p2" }, signal);
    await client.ask({ ...question("a"), schema: { name: "s", schema: {} } }, signal);
    expect(seen.sent).toBe(6);
    await client.ask(question("a"), signal);
    expect(seen.sent).toBe(6);
  });

  test("shares a window and a connection between roles of one endpoint; the lower limits hold", async () => {
    const { seen, openTransport } = countingTransport();
    const llm = await opened({ openTransport });
    const limits = settingsOf().limits;
    const actor = await llm.client(settingsOf());
    const warm = await llm.client(settingsOf({ sampling: { ...sampling, temperature: 1 } }));
    expect([actor.inFlight, warm.inFlight, seen.opened]).toEqual([64, 64, 1]);
    const judge = await llm.client(settingsOf({ limits: { ...limits, inFlight: 6 } }));
    expect(judge.inFlight).toBe(6);
    await Promise.all([askAll(actor, 40, "a"), askAll(judge, 40, "j"), askAll(warm, 40, "w")]);
    expect(seen.mostUnderWay).toBe(6);
    expect(seen.sent).toBe(120);
    await llm.close();
    expect(seen.closed).toBe(seen.opened);
  });

  test("gives other models and other endpoints windows of their own", async () => {
    const { seen, openTransport } = countingTransport();
    const llm = await opened({ openTransport });
    const limits = { ...settingsOf().limits, inFlight: 3 };
    const clients = await Promise.all([
      llm.client(settingsOf({ limits })),
      llm.client(settingsOf({ limits, model: "m-2" })),
      llm.client(
        settingsOf({ limits, baseUrl: ["http://127.0.0.1:2/v1", "http://127.0.0.1:1/v1"] }),
      ),
    ]);
    await Promise.all(clients.map((client, number) => askAll(client, 20, `${number} `)));
    expect(seen.mostUnderWay).toBe(9);
  });

  test("runs as many prompts side by side as a local model has sequences", async () => {
    const { seen, openTransport } = countingTransport();
    const settings: GgufSettings = {
      provider: "gguf",
      model: "/models/m.gguf",
      sampling,
      structured: "tags",
      askAgain: 0,
      contextTokens: 4096,
      sequences: 3,
      reproducible: false,
    };
    const llm = await opened({ openTransport, budget: { maxCostUsd: 1 } });
    const client = await llm.client(settings);
    expect(client).toMatchObject({ provider: "gguf", model: "/models/m.gguf", inFlight: 3 });
    await askAll(client, 20);
    expect(seen.mostUnderWay).toBe(3);
    const other = await opened({ openTransport, share: 1 / 3 }); // a local model is the process's own
    expect((await other.client(settings)).inFlight).toBe(3);
    expect((await other.client({ ...settings, reproducible: true })).inFlight).toBe(1);
  });

  test("holds the budget over sessions and runs to their own", async () => {
    const cacheDir = await scratchFolder();
    const { seen, openTransport } = countingTransport();
    const session = async (
      runId: string,
      maxRequests: number,
      prefix: string,
    ): Promise<string[]> => {
      const llm = await opened({ cacheDir, runId, openTransport, budget: { maxRequests } });
      const client = await llm.client(settingsOf());
      const asked = Array.from({ length: 10 }, (_, number) =>
        client.ask(question(`${prefix}${number}`), signal),
      );
      const ended = await Promise.allSettled(asked);
      await llm.close();
      return ended.map(({ status }) => status);
    };
    const all = (count: number): string[] => [
      ...Array<string>(count).fill("fulfilled"),
      ...Array<string>(10 - count).fill("rejected"),
    ];
    expect(await session("one", 4, "p")).toEqual(all(4));
    expect(seen.sent).toBe(4);
    expect(await session("one", 4, "p")).toEqual(all(4));
    expect(seen.sent).toBe(4);
    expect(await session("one", 7, "p")).toEqual(all(7));
    expect(seen.sent).toBe(7);
    expect(await session("two", 5, "q")).toEqual(all(5));
    expect(seen.sent).toBe(12);
  });

  test.each<ChatSettings["provider"]>(["openai", "batch-jsonl", "openai-batch"])(
    "names prices where a cost is limited and %s has none",
    async (provider) => {
      const { openTransport } = countingTransport();
      const llm = await opened({ openTransport, budget: { maxCostUsd: 5 } });
      const answering = { model: "m-1", sampling, structured: "tags", askAgain: 0 } as const;
      const place = { baseUrl: "http://x/v1", apiKeyEnv: "R4EC_TEST_NO_KEY", headers: {} };
      const batches: Record<string, ChatSettings> = {
        "batch-jsonl": { ...answering, provider: "batch-jsonl" },
        "openai-batch": { ...answering, ...place, provider: "openai-batch", pollS: 1 },
      };
      const settings = batches[provider] ?? settingsOf();
      await expect(llm.client(settings)).rejects.toMatchObject({
        code: "CONFIG_INVALID",
        message:
          "knowledge.budget.maxCostUsd needs the price of m-1: add it to knowledge.prices, US dollars for a million tokens, " +
          'such as "m-1": { prompt: 0.15, completion: 0.6 }, or limit knowledge.budget.maxRequests instead.',
      });
    },
  );

  test("refuses more requests in flight, over all models, than files may be open", async () => {
    const { openTransport } = countingTransport();
    const llm = await opened({ openTransport, openFiles: 512 });
    const limits = { ...settingsOf().limits, inFlight: 200 };
    await llm.client(settingsOf({ limits }));
    await llm.client(settingsOf({ limits, sampling: { ...sampling, temperature: 1 } }));
    await expect(llm.client(settingsOf({ limits, model: "m-2" }))).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringContaining("limits.inFlight is 400, over all models") as string,
    });
  });

  test("refuses a limit of cost where an answer has no limit", async () => {
    const { openTransport } = countingTransport();
    const prices = { "m-1": { prompt: 1, completion: 2 } };
    const llm = await opened({ openTransport, prices, budget: { maxCostUsd: 5 } });
    const unlimited = { ...sampling, extra: { max_tokens: null } };
    await expect(llm.client(settingsOf({ sampling: unlimited }))).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message:
        "knowledge.budget.maxCostUsd needs a limit on the answers of m-1, and sampling.extra takes max_tokens out: set " +
        "max_completion_tokens there, or limit knowledge.budget.maxRequests instead.",
    });
    const named = { ...sampling, extra: { max_tokens: null, max_completion_tokens: 100 } };
    expect((await llm.client(settingsOf({ sampling: named }))).model).toBe("m-1");
    const free = await opened({ openTransport, prices, budget: { maxRequests: 5 } });
    expect((await free.client(settingsOf({ sampling: unlimited }))).model).toBe("m-1");
  });

  test("refuses to send after closing, and keeps what it was given", async () => {
    const cacheDir = await scratchFolder();
    const { openTransport } = countingTransport();
    const llm = await opened({ cacheDir, openTransport });
    const client = await llm.client(settingsOf());
    await askAll(client, 5);
    await llm.close();
    await expect(client.ask(question("late"), signal)).rejects.toThrow("asked after closing");
    const [segment = ""] = await readdir(cacheDir);
    const text = await readFile(join(cacheDir, segment), "utf8");
    expect(text.match(/"text":"re: p\d"/g)).toHaveLength(5);
  });
});

describe("openLlm over HTTP", () => {
  async function server(options: ChatServerOptions) {
    const started = await startChatServer(options);
    onTestFinished(() => started.close());
    return started;
  }

  test("gets every answer out of an endpoint with faults, and pays for each once", async () => {
    const random = seededRandom(5);
    const faults: readonly Fault[] = [
      { kind: "429" },
      { kind: "500" },
      { kind: "503" },
      { kind: "disconnect" },
      { kind: "malformed" },
      { kind: "reset" },
    ];
    const { url, answeredPerBody, mostInFlight } = await server({
      answer: ({ messages }) => `re: ${messages[0]?.content ?? ""}`,
      fault: ({ attempt }) =>
        attempt === 0 && random(20) === 0 ? (faults[random(6)] ?? null) : null,
    });
    const limits = { inFlight: 32, timeoutS: 60, attempts: 6, downAfterS: 300 };
    const llm = await opened();
    const client = await llm.client(settingsOf({ baseUrl: url, limits }));
    const calls = await askAll(client, 300);
    expect(
      calls.map(({ answer }) => (answer.status === "ok" ? answer.text : answer.reason)),
    ).toEqual(Array.from({ length: 300 }, (_, number) => `re: p${number}`));
    expect([...answeredPerBody.values()]).toEqual(Array(300).fill(1));
    expect(mostInFlight()).toBeLessThanOrEqual(32);
  });

  test("leaves it to those who ask to judge refusals, however many come first", async () => {
    const { url } = await server({ answer: () => "", fault: () => ({ kind: "422" }) });
    const llm = await opened();
    const client = await llm.client(settingsOf({ baseUrl: url }));
    const calls = await Promise.all(
      Array.from({ length: 30 }, (_, number) => client.ask(question(`p${number}`), signal)),
    );
    expect(calls.map(({ answer }) => answer.status)).toEqual(Array(30).fill("rejected"));
  });

  test("counts every request that a killed run had sent against its budget", async () => {
    const cacheDir = await scratchFolder();
    const { url, calls } = await server({ answer: () => "an answer", delayMs: 5 });
    const script = fileURLToPath(new URL("ask-forever.fixture.ts", import.meta.url));
    for (const enough of [60, 200]) {
      const child = spawn(process.execPath, ["--import", "tsx", script, cacheDir, url]);
      await eventually(() => {
        expect(calls.length).toBeGreaterThan(enough);
      });
      child.kill("SIGKILL");
      await once(child, "close");
    }
    const sent = calls.length;
    const llm = await opened({ cacheDir, budget: { maxRequests: sent } });
    const client = await llm.client(settingsOf({ baseUrl: url }));
    await expect(client.ask(question("one more"), signal)).rejects.toMatchObject({
      code: "BUDGET_SPENT",
      message: expect.stringMatching(
        /\d+ requests, with up to \d+ requests that were under way when the run was killed/,
      ) as string,
    });
    expect(calls).toHaveLength(sent);
    const cache = await openAnswerCache({ dir: cacheDir, runId: "run" });
    expect(cache.lost().requests).toBeLessThanOrEqual(2 * 20);
    expect(cache.spent().requests - sent).toBeLessThanOrEqual(2 * 20);
    await cache.close();
  }, 60_000);

  test("ends at once on a wrong key", async () => {
    const { url, calls } = await server({ answer: () => "", fault: () => ({ kind: "401" }) });
    const llm = await opened();
    const limits = { ...settingsOf().limits, inFlight: 4 };
    const client = await llm.client(settingsOf({ baseUrl: url, limits }));
    const ended = await Promise.allSettled(
      Array.from({ length: 50 }, (_, number) => client.ask(question(`p${number}`), signal)),
    );
    for (const each of ended) {
      expect(each).toMatchObject({ status: "rejected", reason: { code: "PROVIDER_FAILED" } });
    }
    expect(calls).toHaveLength(1);
  });

  test("pays for one answer of an unknown shape, and ends", async () => {
    const { url, calls } = await server({
      answer: () => "an answer",
      fault: () => ({ kind: "unknown-shape" }),
    });
    const llm = await opened();
    const client = await llm.client(settingsOf({ baseUrl: url }));
    const ended = await Promise.allSettled(
      Array.from({ length: 50 }, (_, number) => client.ask(question(`p${number}`), signal)),
    );
    for (const each of ended) {
      expect(each).toMatchObject({
        status: "rejected",
        reason: {
          code: "PROVIDER_FAILED",
          message: expect.stringContaining("no chat completion") as string,
        },
      });
    }
    expect(calls).toHaveLength(1);
  });

  test("pays a second server that answers in an unknown shape for one answer per rest", async () => {
    const good = await server({ answer: () => "an answer" });
    const strange = await server({
      answer: () => "an answer",
      fault: () => ({ kind: "unknown-shape" }),
    });
    const llm = await opened();
    const client = await llm.client(settingsOf({ baseUrl: [good.url, strange.url] }));
    const answers = await askAll(client, 100);
    expect(strange.calls).toHaveLength(
      answers.filter(({ answer }) => answer.status !== "ok").length,
    );
    // Without its rests it would get half of them.
    expect(strange.calls.length).toBeLessThan(25);
  });

  test("ends when nothing listens", async () => {
    const { url, close } = await startChatServer({ answer: () => "" });
    await close();
    const limits = { inFlight: 4, timeoutS: 1, attempts: 2, downAfterS: 0.3 };
    const llm = await opened();
    const client = await llm.client(settingsOf({ baseUrl: url, limits }));
    const ended = await Promise.allSettled([
      client.ask(question("a"), signal),
      client.ask(question("b"), signal),
    ]);
    for (const each of ended) {
      expect(each).toMatchObject({ status: "rejected", reason: { code: "PROVIDER_FAILED" } });
    }
  });
});
