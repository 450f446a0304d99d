import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { batchClient } from "../../../src/llm/batch/batch-client.ts";
import { AnswerPending, type AnswerCache, type StoredAnswer } from "../../../src/llm/chat.ts";
import { payloadKey } from "../../../src/llm/cache/payload-key.ts";
import { scratchFolder } from "../../util/scratch-folder.ts";
import { jsonlSettings, questionOf, serviceSettings, texts } from "./batch-workspace.ts";
import { samplingOf } from "../../../src/llm/settings.ts";

const { signal } = new AbortController();

function cacheOf(answers: readonly StoredAnswer[]): AnswerCache {
  return {
    get: (key) => Promise.resolve(answers.find((answer) => answer.key === key) ?? null),
    put: () => Promise.reject(new Error("a client stores nothing")),
    forget: () => Promise.resolve(),
    spent: () => ({ requests: 0, costUsd: 0 }),
    close: () => Promise.resolve(),
  };
}

async function queuedLines(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder);
  const contents = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
  return contents.flatMap((content) => content.split("\n").filter((line) => line !== ""));
}

describe("batchClient", () => {
  test("answers from the cache and queues nothing", async () => {
    const folder = await scratchFolder();
    const settings = jsonlSettings();
    const sampling = samplingOf(settings);
    const key = payloadKey({ model: "m1", ...questionOf("known"), sampling });
    const stored: StoredAnswer = {
      key,
      model: "m1",
      promptVersion: "p1",
      answer: { status: "ok", text: "yes" },
      usage: { promptTokens: 2, completionTokens: 1, cachedTokens: null },
      costUsd: 0.5,
      latencyMs: 0,
      attempts: 2,
    };
    const client = await batchClient(settings, cacheOf([stored]), folder);
    const call = await client.ask(questionOf("known"), signal);
    expect(call).toEqual({ ...stored, provider: "batch-jsonl", isCached: true });
    expect(await queuedLines(folder)).toEqual([]);
  });

  test("queues an unknown question once, however often it is asked", async () => {
    const folder = await scratchFolder();
    const client = await batchClient(jsonlSettings(), cacheOf([]), folder);
    const ask = () => client.ask(questionOf("new"), signal);
    const asked = await Promise.allSettled([ask(), ask()]);
    asked.push(...(await Promise.allSettled([ask()])));
    const pending = asked.filter(
      (outcome) => outcome.status === "rejected" && outcome.reason instanceof AnswerPending,
    );
    expect(pending).toHaveLength(3);
    const sampling = samplingOf(jsonlSettings());
    const payload = { model: "m1", ...questionOf("new"), sampling };
    expect((await queuedLines(folder)).map((line) => JSON.parse(line) as unknown)).toEqual([
      { key: payloadKey(payload), service: null, payload },
    ]);
  });

  test("has written a question when it says that it is pending, also among many", async () => {
    const folder = await scratchFolder();
    const client = await batchClient(jsonlSettings(), cacheOf([]), folder);
    const missing: string[] = [];
    await Promise.all(
      texts(600).map(async (text) => {
        await client.ask(questionOf(text), signal).catch(() => undefined);
        const lines = await queuedLines(folder);
        if (!lines.some((line) => line.includes(`"${text}"`))) missing.push(text);
      }),
    );
    expect(missing).toEqual([]);
    const lines = await queuedLines(folder);
    expect(lines).toHaveLength(600);
    expect(new Set(lines.map((line) => JSON.stringify(JSON.parse(line)))).size).toBe(600);
  });

  test("tells a service by address and by the name of its key's variable", async () => {
    const folder = await scratchFolder();
    const settings = {
      ...serviceSettings("http://127.0.0.1:9/v1"),
      baseUrl: ["http://127.0.0.1:9/v1", "http://127.0.0.1:10/v1"],
      headers: { "x-team": "${TEAM}" },
    };
    const client = await batchClient(settings, cacheOf([]), folder);
    await expect(client.ask(questionOf("q"), signal)).rejects.toThrow("comes by batch");
    expect(JSON.parse((await queuedLines(folder)).join(""))).toMatchObject({
      service: {
        baseUrl: "http://127.0.0.1:9/v1",
        apiKeyEnv: "R4EC_TEST_BATCH_KEY",
        headers: { "x-team": "${TEAM}" },
        pollS: 0.002,
      },
    });
  });

  test("refuses sampling that the engine cannot send", async () => {
    const settings = jsonlSettings();
    const sampling = { ...settings.sampling, extra: { n: 2 } };
    const opened = batchClient({ ...settings, sampling }, cacheOf([]), await scratchFolder());
    await expect(opened).rejects.toMatchObject({ code: "CONFIG_INVALID" });
  });

  test("asks nothing after an abort", async () => {
    const folder = await scratchFolder();
    const client = await batchClient(jsonlSettings(), cacheOf([]), folder);
    const stop = new Error("stop");
    await expect(client.ask(questionOf("q"), AbortSignal.abort(stop))).rejects.toBe(stop);
    expect(await queuedLines(folder)).toEqual([]);
  });
});
