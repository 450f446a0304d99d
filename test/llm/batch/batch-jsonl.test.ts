import { readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openAnswerCache } from "../../../src/llm/cache/answer-cache.ts";
import type { BatchProgress } from "../../../src/llm/batch/batch-progress.ts";
import { completion } from "../../util/batch-server.ts";
import {
  batchWorkspace,
  jsonlSettings,
  textOf,
  texts,
  type BatchWorkspace,
  type RequestLine,
} from "./batch-workspace.ts";

const pending = { code: "ANSWERS_PENDING" };
const first = "0001-m1.requests.jsonl";
const firstAnswers = "0001-m1.answers.jsonl";

/** The line of a request that was answered with "a:" and its text. */
function answered(request: RequestLine): string {
  const { custom_id, body } = request;
  const asked = { custom_id, method: "POST", url: "/v1/chat/completions", body } as const;
  const messages = body.messages.map(({ content }) => ({ role: "user", content }));
  const whole = { ...asked, body: { model: body.model, messages } };
  const reply = completion(whole, `a:${textOf(request)}`);
  return line(request, { status_code: 200, request_id: "r", body: reply }, null);
}

function line({ custom_id }: RequestLine, response: unknown, error: unknown): string {
  return JSON.stringify({ id: "x", custom_id, response, error });
}

function status(request: RequestLine, code: number, error: object = { message: "no" }): string {
  return line(request, { status_code: code, request_id: "r", body: { error } }, null);
}

async function put(space: BatchWorkspace, name: string, lines: readonly string[]): Promise<void> {
  await writeFile(join(space.batchDir, name), lines.map((text) => `${text}\n`).join(""));
}

/** A workspace that has asked the texts and written the first file. */
async function exported(asked: readonly string[]): Promise<BatchWorkspace> {
  const space = await batchWorkspace();
  await space.ask(jsonlSettings(), asked);
  await expect(space.collect()).rejects.toMatchObject(pending);
  return space;
}

async function failureOf(space: BatchWorkspace): Promise<string> {
  return space.collect().then(
    () => "",
    (error: unknown) => String(error),
  );
}

describe("export", () => {
  test("writes each request once, by key, as a batch line, and says what to run", async () => {
    const space = await batchWorkspace();
    await space.ask(jsonlSettings(), ["b", "a", "b"]);
    await space.ask(jsonlSettings(), ["a", "c"]);
    const message = await failureOf(space);
    const lines = await space.lines(first);
    expect(lines.map(textOf).sort()).toEqual(["a", "b", "c"]);
    const keys = lines.map(({ custom_id }) => custom_id);
    expect(keys).toEqual([...keys].sort());
    const { messages } = lines[0]?.body ?? {};
    expect(lines[0]).toEqual({
      custom_id: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      method: "POST",
      url: "/v1/chat/completions",
      body: { model: "m1", messages, temperature: 0, top_p: 1, max_tokens: 1024, seed: 1 },
    });
    expect(message).toContain("3 requests wait for their answers, in 1 files");
    const path = join(space.batchDir, "0001-m1");
    const command = `vllm run-batch -i ${path}.requests.jsonl -o ${path}.answers.jsonl --model m1`;
    expect(message).toContain(command);
  });

  test("gives the same files for the same requests, in whatever order and by however many clients", async () => {
    const one = await batchWorkspace();
    await one.ask(jsonlSettings(), texts(20));
    const other = await batchWorkspace();
    await other.ask(jsonlSettings(), texts(20).slice(5).reverse());
    await other.ask(jsonlSettings(), texts(20).slice(0, 9));
    const limits = { requests: 8, bytes: 1_000_000 };
    for (const space of [one, other]) {
      await expect(space.collect({ limits })).rejects.toMatchObject(pending);
    }
    const names = ["0001-m1", "0002-m1", "0003-m1"].map((name) => `${name}.requests.jsonl`);
    expect(await one.names()).toEqual(names);
    expect(await other.names()).toEqual(names);
    for (const name of [...names, "ledger"]) {
      const [a, b] = [one, other].map(({ batchDir }) => readFile(join(batchDir, name), "utf8"));
      expect(await a).toBe(await b);
    }
    const sizes = await Promise.all(names.map(async (name) => (await one.lines(name)).length));
    expect(sizes).toEqual([8, 8, 4]);
  });

  test("mixes no models in a file", async () => {
    const space = await batchWorkspace();
    await space.ask(jsonlSettings("org/big model"), texts(3));
    await space.ask(jsonlSettings("m1"), texts(2));
    const message = await failureOf(space);
    expect(await space.names()).toEqual([first, "0002-org-big-model.requests.jsonl"]);
    expect(await space.lines(first)).toHaveLength(2);
    const second = await space.lines("0002-org-big-model.requests.jsonl");
    expect(new Set(second.map(({ body }) => body.model))).toEqual(new Set(["org/big model"]));
    expect(message).toContain("--model 'org/big model'  # 3 requests");
  });

  test("keeps a file within its bytes; a request larger than that has its own", async () => {
    const space = await batchWorkspace();
    await space.ask(jsonlSettings(), [...texts(10), "x".repeat(5000)]);
    const limits = { requests: 100, bytes: 1000 };
    await expect(space.collect({ limits })).rejects.toMatchObject(pending);
    let requests = 0;
    let oversized = 0;
    for (const name of await space.names()) {
      const content = await readFile(join(space.batchDir, name));
      const { length } = await space.lines(name);
      requests += length;
      if (content.length > 1000) {
        expect(length).toBe(1);
        oversized += 1;
      }
    }
    expect(requests).toBe(11);
    expect(oversized).toBe(1);
  });

  test("does not write again what still may be answered, only what is new or whose file is gone", async () => {
    const space = await exported(texts(3));
    await space.ask(jsonlSettings(), [...texts(3), "new"]);
    const message = await failureOf(space);
    expect(await space.names()).toEqual([first, "0002-m1.requests.jsonl"]);
    expect((await space.lines("0002-m1.requests.jsonl")).map(textOf)).toEqual(["new"]);
    expect(message).toContain("4 requests wait for their answers, in 2 files");

    await rm(join(space.batchDir, first));
    await expect(space.collect()).rejects.toMatchObject(pending);
    expect(await space.names()).toEqual(["0002-m1.requests.jsonl", "0003-m1.requests.jsonl"]);
    expect((await space.lines("0003-m1.requests.jsonl")).map(textOf).sort()).toEqual(texts(3));
  });

  test("survives a kill at each step of writing: half a queue line, half a draft, a file without its ledger line", async () => {
    const space = await batchWorkspace();
    await space.ask(jsonlSettings(), texts(2));
    await writeFile(join(space.queueDir, "torn.jsonl"), '{"key":"00');
    await expect(space.collect()).rejects.toMatchObject(pending);
    const ledger = join(space.batchDir, "ledger");
    const whole = await readFile(ledger, "utf8");
    const asked = whole.split("\n").slice(0, 2).join("\n");
    for (const cut of [`${asked}\n`, `${asked}\n["wri`, asked.slice(0, -20)]) {
      await writeFile(ledger, cut);
      await writeFile(join(space.batchDir, "0009-m1.tmp"), "half");
      await expect(space.collect()).rejects.toMatchObject(pending);
      const names = await space.names();
      expect(names).toEqual([expect.stringMatching(/^\d{4}-m1\.requests\.jsonl$/)]);
      expect((await space.lines(names[0] ?? "")).map(textOf).sort()).toEqual(texts(2));
      await expect(space.collect()).rejects.toMatchObject(pending);
      expect(await space.names()).toEqual(names);
    }
  });
});

describe("import", () => {
  test("takes answers out of order, and the clients find them with their cost", async () => {
    const space = await exported(texts(5));
    const requests = await space.lines(first);
    await put(space, firstAnswers, [...requests].reverse().map(answered));
    expect(await space.collect()).toEqual({ answered: 5 });
    expect(await space.names()).toEqual([`${firstAnswers}.imported`, `${first}.imported`]);
    const calls = await space.ask(jsonlSettings(), texts(5));
    expect(calls.map((call) => call?.answer)).toEqual(
      texts(5).map((text) => ({ status: "ok", text: `a:${text}` })),
    );
    // "q0" is 1 token at $2, "a:q0" is 1 token at $10, for a million each.
    expect(calls[0]).toMatchObject({
      usage: { promptTokens: 1, completionTokens: 1, cachedTokens: null },
      costUsd: 0.000012,
      latencyMs: 0,
      attempts: 1,
      isCached: true,
    });
    expect(await space.collect()).toEqual({ answered: 0 });
  });

  test("finds what was answered since it was queued, elsewhere in a shared cache", async () => {
    const space = await exported(texts(2));
    const [queue = ""] = await readdir(space.queueDir);
    const queued = await readFile(join(space.queueDir, queue), "utf8");
    await put(space, "a.jsonl", (await space.lines(first)).map(answered));
    await space.collect();
    await writeFile(join(space.queueDir, "late.jsonl"), queued);
    expect(await space.collect()).toEqual({ answered: 2 });
    expect(await space.collect()).toEqual({ answered: 0 });
  });

  test("counts duplicates and strangers, and keeps the first of two answers", async () => {
    const space = await exported(["a", "b"]);
    const [one, two] = await space.lines(first);
    if (one === undefined || two === undefined) throw new Error("two requests were exported");
    const again = answered(one).replace("a:", "later:");
    const stranger = answered({ ...one, custom_id: "f".repeat(64) });
    await put(space, firstAnswers, [answered(one), again, stranger, answered(two)]);
    const seen: BatchProgress[] = [];
    await space.collect({ onProgress: (progress) => seen.push(progress) });
    expect(seen).toMatchObject([
      { kind: "imported", counts: { answered: 2, duplicates: 1, unknown: 1, malformed: 0 } },
    ]);
    const calls = await space.ask(jsonlSettings(), ["a", "b"]);
    expect(calls.map((call) => call?.answer)).toEqual([
      { status: "ok", text: "a:a" },
      { status: "ok", text: "a:b" },
    ]);
  });

  test("stores permanent faults; what failed in passing is written again", async () => {
    const asked = texts(12);
    const space = await exported(asked);
    const byText = new Map((await space.lines(first)).map((one) => [textOf(one), one]));
    const of = (number: number): RequestLine => {
      const request = byText.get(`q${number}`);
      if (request === undefined) throw new Error(`q${number} was not exported`);
      return request;
    };
    const cut = JSON.parse(answered(of(3)).replace('"stop"', '"length"')) as { response: unknown };
    const empty = JSON.parse(answered(of(4)).replace("a:q4", "  ")) as { response: unknown };
    await put(space, firstAnswers, [
      answered(of(0)),
      status(of(1), 400, { message: "too long" }),
      status(of(2), 400, { message: "withheld", code: "content_filter" }),
      line(of(3), cut.response, null),
      line(of(4), empty.response, null),
      // as vllm run-batch puts a refused prompt
      line(of(5), { status_code: 400, request_id: "r", body: null }, { message: "bad", code: 400 }),
      status(of(6), 500),
      status(of(7), 429),
      line(of(8), null, { code: "batch_expired", message: "late" }),
      line(of(9), null, null),
      line(of(10), { status_code: 200, request_id: "r", body: { error: { message: "oh" } } }, null),
      status(of(11), 424),
    ]);
    expect(await space.collect()).toEqual({ answered: 6 });
    const calls = await space.ask(jsonlSettings(), asked);
    expect(calls.map((call) => call?.answer.status ?? null)).toEqual([
      ...["ok", "rejected", "filtered", "length", "empty", "rejected"],
      ...Array.from({ length: 6 }, () => null),
    ]);
    expect(calls[1]?.answer).toEqual({ status: "rejected", reason: "status 400: too long" });
    expect(calls[3]).toMatchObject({ usage: { completionTokens: 1 }, costUsd: 0.000012 });

    await expect(space.collect()).rejects.toMatchObject(pending);
    const second = await space.lines("0002-m1.requests.jsonl");
    expect(second.map(textOf).sort()).toEqual(["q10", "q11", "q6", "q7", "q8", "q9"]);
    await put(space, "0002-m1.answers.jsonl", second.map(answered));
    expect(await space.collect()).toEqual({ answered: 6 });
    const last = await space.ask(jsonlSettings(), asked);
    expect(last.map((call) => call?.attempts)).toEqual([1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2]);
  });

  test("names malformed lines, keeps the others, and goes on when they are mended", async () => {
    const space = await exported(texts(3));
    const lines = (await space.lines(first)).map(answered);
    const [a = "", b = "", c = ""] = lines;
    await put(space, firstAnswers, [a, b.slice(0, 40), '{"id":"no custom id"}', c]);
    const message = await failureOf(space);
    expect(message).toContain(`${join(space.batchDir, firstAnswers)}: 2 lines are no answers`);
    expect(message).toMatch(/line 2: .*; line 3: /);
    expect(await space.names()).toEqual([firstAnswers, first]);
    await put(space, firstAnswers, lines);
    expect(await space.collect()).toEqual({ answered: 1 });
    const calls = await space.ask(jsonlSettings(), texts(3));
    expect(calls.filter((call) => call?.answer.status === "ok")).toHaveLength(3);
  });

  test("takes several files under any names, and waits on for what they lack", async () => {
    const space = await exported(texts(6));
    const lines = (await space.lines(first)).map(answered);
    await put(space, "gpu-1.jsonl", [...lines.slice(0, 2), ""]);
    await put(space, "gpu-2.jsonl", [`\uFEFF${lines[2] ?? ""}\r`, ...lines.slice(3, 4)]);
    expect(await space.collect()).toEqual({ answered: 4 });
    expect(await space.names()).toEqual([first, "gpu-1.jsonl", "gpu-2.jsonl"]);
    const message = await failureOf(space);
    expect(message).toContain(`${join(space.batchDir, first)}  # 4 of 6`);
    expect(await space.names()).toHaveLength(3);
    await put(space, "gpu-1.jsonl", lines.slice(4));
    expect(await space.collect()).toEqual({ answered: 2 });
    expect(await space.names()).toEqual([
      `${first}.imported`,
      "gpu-1.jsonl.imported",
      "gpu-2.jsonl.imported",
    ]);

    const other = await exported(texts(2));
    const [one, two] = await other.lines(first);
    if (one === undefined || two === undefined) throw new Error("two requests were exported");
    await put(other, "gpu.jsonl", [answered(one), status(two, 503)]);
    expect(await other.collect()).toEqual({ answered: 1 });
    await expect(other.collect()).rejects.toMatchObject(pending);
    const second = await other.lines("0002-m1.requests.jsonl");
    expect(second.map(textOf)).toEqual([textOf(two)]);
  });

  test("does not take a file of answers for whole that is still being written", async () => {
    const space = await exported(texts(6));
    const lines = (await space.lines(first)).map(answered);
    const path = join(space.batchDir, firstAnswers);
    const half = (lines[2] ?? "").slice(0, 60);
    await writeFile(path, `${lines.slice(0, 2).join("\n")}\n${half}`);
    expect(await space.collect()).toEqual({ answered: 2 });
    expect(await space.names()).toEqual([firstAnswers, first]);

    const message = await failureOf(space);
    expect(message).toContain("4 requests wait for their answers, in 1 files");
    expect(message).toContain(`${join(space.batchDir, first)}  # 2 of 6`);
    expect(message).not.toContain("vllm run-batch");
    expect(await space.names()).toEqual([firstAnswers, first]);

    await writeFile(path, `${lines.join("\n")}\n`);
    expect(await space.collect()).toEqual({ answered: 4 });
    expect(await space.names()).toEqual([`${firstAnswers}.imported`, `${first}.imported`]);
    const calls = await space.ask(jsonlSettings(), texts(6));
    expect(calls.map((call) => call?.attempts)).toEqual(Array(6).fill(1));
  });

  test("takes a last line without an end, where it is an answer and all others are there", async () => {
    const space = await exported(texts(2));
    const lines = (await space.lines(first)).map(answered);
    await writeFile(join(space.batchDir, firstAnswers), lines.join("\n"));
    expect(await space.collect()).toEqual({ answered: 2 });
    expect(await space.names()).toEqual([`${firstAnswers}.imported`, `${first}.imported`]);
  });

  test("writes the rest anew once the file of requests is removed", async () => {
    const space = await exported(texts(3));
    const [one] = await space.lines(first);
    if (one === undefined) throw new Error("three requests were exported");
    await put(space, firstAnswers, [answered(one)]);
    expect(await space.collect()).toEqual({ answered: 1 });
    await rm(join(space.batchDir, first));
    const message = await failureOf(space);
    expect(message).toContain("# 2 requests");
    expect(await space.names()).toEqual([`${firstAnswers}.imported`, "0002-m1.requests.jsonl"]);
  });

  test("counts what came back unanswered against the budget, once", async () => {
    const space = await exported(texts(3));
    const requests = await space.lines(first);
    await put(
      space,
      firstAnswers,
      requests.map((one, place) => (place === 0 ? answered(one) : status(one, 500))),
    );
    await space.collect();
    const budget = { maxRequests: 4 };
    await expect(space.collect({ budget })).rejects.toMatchObject(pending);
    expect(await space.lines("0002-m1.requests.jsonl")).toHaveLength(1);
  });

  test("imports again what a kill left unrenamed, without counting or paying twice", async () => {
    const space = await exported(texts(4));
    const lines = (await space.lines(first)).map(answered);
    await put(space, firstAnswers, lines);
    expect(await space.collect()).toEqual({ answered: 4 });
    const path = join(space.batchDir, firstAnswers);
    await rename(`${path}.imported`, path);
    await rename(join(space.batchDir, `${first}.imported`), join(space.batchDir, first));
    expect(await space.collect()).toEqual({ answered: 0 });
    expect(await space.names()).toEqual([`${firstAnswers}.imported`, `${first}.imported`]);
    const calls = await space.ask(jsonlSettings(), texts(4));
    expect(calls.map((call) => call?.attempts)).toEqual([1, 1, 1, 1]);
  });

  test("stops for requests refused as a whole, and writes them again afterwards", async () => {
    const space = await exported(texts(2));
    const lines = await space.lines(first);
    const missing = lines.map((one) => status(one, 404, { message: "model m1 does not exist" }));
    await put(space, firstAnswers, missing);
    const message = await failureOf(space);
    expect(message).toContain("2 requests were refused (status 404: model m1 does not exist)");
    await expect(space.collect()).rejects.toMatchObject(pending);
    expect((await space.lines("0002-m1.requests.jsonl")).map(textOf).sort()).toEqual(texts(2));
  });
});

test("an answer without a count of tokens counts at its highest cost", async () => {
  const space = await exported(["q0"]);
  const [one] = await space.lines(first);
  if (!one) throw new Error("a line was written");
  const body = { choices: [{ message: { content: "an answer" }, finish_reason: "stop" }] };
  await put(space, firstAnswers, [line(one, { status_code: 200, body }, null)]);
  expect(await space.collect()).toEqual({ answered: 1 });
  const cache = await openAnswerCache({ dir: join(space.folder, "cache"), runId: "run" });
  // 512 + 16 + 2 + 2 tokens at $2 and 1,024 at $10, for a million each.
  expect(cache.spent().costUsd).toBeCloseTo(0.011304, 9);
  await cache.close();
});

describe("status 403", () => {
  test("of one request among answered ones is that row's error", async () => {
    const space = await exported(texts(3));
    const [one, two, three] = await space.lines(first);
    if (!one || !two || !three) throw new Error("three lines were written");
    const blocked = status(one, 403, { message: "blocked by a firewall, key sk-0123456789abc" });
    await put(space, firstAnswers, [blocked, answered(two), answered(three)]);
    expect(await space.collect()).toEqual({ answered: 3 });
    const calls = await space.ask(jsonlSettings(), texts(3));
    const rejected = calls.find((call) => call?.answer.status === "rejected");
    expect(rejected?.answer).toEqual({
      status: "rejected",
      reason: "status 403: blocked by a firewall, key ***",
    });
    expect(calls.filter((call) => call?.answer.status === "ok")).toHaveLength(2);
  });

  test("of all is a refusal as a whole, unless others were answered before", async () => {
    const space = await exported(texts(2));
    const forbid = async (file: string): Promise<readonly string[]> =>
      (await space.lines(file)).map((one) => status(one, 403, { message: "not allowed" }));
    await put(space, firstAnswers, await forbid(first));
    expect(await failureOf(space)).toContain("2 requests were refused (status 403: not allowed)");
    await expect(space.collect()).rejects.toMatchObject(pending);
    const [one, two] = await space.lines("0002-m1.requests.jsonl");
    if (!one || !two) throw new Error("two lines were written");
    await put(space, "0002-m1.answers.jsonl", [answered(one)]);
    expect(await space.collect()).toEqual({ answered: 1 });
    await put(space, "more.jsonl", [status(two, 403)]);
    expect(await space.collect()).toEqual({ answered: 1 });
  });
});

test("a line that is no JSON is named without its text, which may hold a key", async () => {
  const space = await exported(texts(1));
  await put(space, firstAnswers, ["sk-0123456789abcdef"]);
  const message = await failureOf(space);
  expect(message).toContain("(line 1: no JSON)");
  expect(message).not.toContain("sk-");
});

describe("damage", () => {
  test("is named: a ledger line, a queue line", async () => {
    const space = await exported(texts(1));
    await writeFile(join(space.queueDir, "odd.jsonl"), '{"key":"short"}\n');
    await expect(space.collect()).rejects.toMatchObject({
      code: "RUN_INVALID",
      message: expect.stringContaining("odd.jsonl, line 1: no queued request") as string,
    });
    await writeFile(join(space.batchDir, "ledger"), "[]\n");
    await expect(space.collect()).rejects.toMatchObject({
      code: "RUN_INVALID",
      message: expect.stringContaining("ledger: line 1 is damaged") as string,
    });
  });
});
