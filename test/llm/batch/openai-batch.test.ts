import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, request } from "node:http";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { execPath } from "node:process";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { BatchProgress } from "../../../src/llm/batch/batch-progress.ts";
import {
  startBatchServer,
  type BatchServer,
  type BatchServerOptions,
} from "../../util/batch-server.ts";
import { batchWorkspace, serviceSettings, texts, type BatchWorkspace } from "./batch-workspace.ts";

const limits = { requests: 4, bytes: 1_000_000 };

async function serverWith(options: Partial<BatchServerOptions> = {}): Promise<BatchServer> {
  const server = await startBatchServer({
    answer: ({ body }) => `a:${body.messages.map(({ content }) => content).join("")}`,
    ...options,
  });
  onTestFinished(server.close);
  return server;
}

const askedOf = ({ body }: { body: { messages: readonly { content: string }[] } }): string =>
  body.messages.map(({ content }) => content).join("");

async function statuses(
  space: BatchWorkspace,
  server: BatchServer,
  asked: readonly string[],
): Promise<readonly (string | null)[]> {
  const calls = await space.ask(serviceSettings(server.url), asked);
  return calls.map((call) => call?.answer.status ?? null);
}

function countsOf(map: ReadonlyMap<string, number>): readonly number[] {
  return [...map.values()];
}

/** Everything below a folder, as one text. */
async function contentOf(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const contents = await Promise.all(
    files.map(({ parentPath, name }) => readFile(join(parentPath, name), "utf8")),
  );
  return contents.join("\n");
}

describe("openai-batch", () => {
  test("submits, follows and imports; the clients find every answer", async () => {
    const server = await serverWith({ looks: 12 });
    const space = await batchWorkspace();
    const warned = vi.fn();
    process.on("warning", warned);
    onTestFinished(() => void process.off("warning", warned));
    expect(await statuses(space, server, texts(6))).toEqual(texts(6).map(() => null));
    const seen: BatchProgress[] = [];
    const collected = space.collect({ limits, onProgress: (progress) => seen.push(progress) });
    expect(await collected).toEqual({ answered: 6 });
    expect(await statuses(space, server, texts(6))).toEqual(texts(6).map(() => "ok"));
    expect(server.batches).toHaveLength(2);
    expect(countsOf(server.submissions)).toEqual(texts(6).map(() => 1));
    expect(seen.filter(({ kind }) => kind === "submitted")).toEqual([
      { kind: "submitted", batchId: "batch_1", requests: 4 },
      { kind: "submitted", batchId: "batch_2", requests: 2 },
    ]);
    const polls = seen.filter((one) => one.kind === "polled" && one.batchId === "batch_1");
    const poll = { kind: "polled", batchId: "batch_1", failed: 0, total: 4 };
    expect(polls).toEqual([
      ...Array.from({ length: 12 }, () => ({ ...poll, status: "in_progress", completed: 0 })),
      { ...poll, status: "completed", completed: 4 },
    ]);
    expect(await space.names()).toEqual([
      "batch_1.batch.json.imported",
      "batch_2.batch.json.imported",
    ]);
    const [call] = await space.ask(serviceSettings(server.url), ["q0"]);
    expect(call).toMatchObject({ costUsd: 0.000012, attempts: 1, provider: "openai-batch" });
    expect(warned).not.toHaveBeenCalled();
  });

  test("keeps permanent faults and bodies of another shape, submits what failed in passing again", async () => {
    const server = await serverWith({
      fault: (request, submission) => {
        const text = askedOf(request);
        if (text === "q0") return { status: 400, message: "too long" };
        if (text === "q1") return { body: { choices: [] } };
        if (submission > 0) return null;
        if (text === "q2") return { status: 500 };
        return text === "q3" ? "missing" : null;
      },
    });
    const space = await batchWorkspace();
    await statuses(space, server, texts(6));
    expect(await space.collect()).toEqual({ answered: 4 });
    expect(await space.collect()).toEqual({ answered: 2 });
    expect(await statuses(space, server, texts(6))).toEqual([
      "rejected",
      "rejected",
      "ok",
      "ok",
      "ok",
      "ok",
    ]);
    const calls = await space.ask(serviceSettings(server.url), ["q2", "q4"]);
    expect(calls.map((call) => call?.attempts)).toEqual([2, 1]);
    expect(Math.max(...countsOf(server.answered))).toBe(1);
  });

  test.each(["expired", "cancelled"] as const)(
    "takes what a batch that was %s has answered, and submits the rest again",
    async (ending) => {
      const server = await serverWith({
        ending,
        fault: (request, submission) =>
          submission === 0 && askedOf(request) > "q1" ? "expired" : null,
      });
      const space = await batchWorkspace();
      await statuses(space, server, texts(5));
      expect(await space.collect()).toEqual({ answered: 2 });
      expect(await space.collect()).toEqual({ answered: 3 });
      expect(await statuses(space, server, texts(5))).toEqual(texts(5).map(() => "ok"));
      expect(countsOf(server.answered)).toEqual(texts(5).map(() => 1));
      expect(server.batches).toHaveLength(2);
    },
  );

  test("goes on by itself after a round without an answer, and gives up after three", async () => {
    const late = await serverWith({
      fault: (_request, submission) => (submission < 2 ? { status: 503 } : null),
    });
    const space = await batchWorkspace();
    await statuses(space, late, texts(2));
    expect(await space.collect()).toEqual({ answered: 2 });
    expect(countsOf(late.submissions)).toEqual([3, 3]);

    const never = await serverWith({ fault: () => ({ status: 503, message: "overloaded" }) });
    const other = await batchWorkspace();
    await statuses(other, never, texts(2));
    await expect(other.collect()).rejects.toMatchObject({
      code: "PROVIDER_FAILED",
      message: expect.stringMatching(
        /2 requests were submitted 3 times and none was answered.*status 503: overloaded/,
      ) as string,
    });
    expect(countsOf(never.submissions)).toEqual([3, 3]);
  });

  test("gives the service's reasons for a batch it did not take; the next run submits it", async () => {
    const error = { code: "invalid_json_line", message: "line 1 is odd" };
    const server = await serverWith({ invalid: (n) => (n === 0 ? [error, error] : null) });
    const space = await batchWorkspace();
    await statuses(space, server, texts(2));
    await expect(space.collect()).rejects.toMatchObject({
      code: "PROVIDER_FAILED",
      message: expect.stringContaining(
        "batch batch_1 of 2 requests to m1 was not taken: invalid_json_line: line 1 is odd. Fix",
      ) as string,
    });
    expect(await space.names()).toEqual(["batch_1.batch.json.failed"]);
    expect(await space.collect()).toEqual({ answered: 2 });
  });

  test("holds back what is over the service's queue until the other batches are done", async () => {
    const error = { code: "token_limit_exceeded", message: "enqueued token limit reached" };
    const server = await serverWith({ invalid: (n) => (n === 1 ? [error] : null) });
    const space = await batchWorkspace();
    await statuses(space, server, texts(6));
    expect(await space.collect({ limits })).toEqual({ answered: 4 });
    expect(await space.collect({ limits })).toEqual({ answered: 2 });
    expect(countsOf(server.submissions)).toEqual(texts(6).map(() => 1));
  });

  test("stops at once for a model that is refused", async () => {
    const server = await serverWith({ fault: () => ({ status: 404, message: "no model m1" }) });
    const space = await batchWorkspace();
    await statuses(space, server, texts(2));
    await expect(space.collect()).rejects.toMatchObject({
      code: "PROVIDER_FAILED",
      message: expect.stringContaining("was refused: status 404: no model m1") as string,
    });
    expect(server.batches).toHaveLength(1);
  });

  test("leaves requests that nobody asks any more alone, but imports what was submitted of them", async () => {
    const server = await serverWith({ looks: 1 });
    const space = await batchWorkspace();
    await statuses(space, server, ["old"]);
    const stop = new AbortController();
    const onProgress = ({ kind }: BatchProgress) => {
      if (kind === "submitted") stop.abort(new Error("stop"));
    };
    await expect(space.collect({ signal: stop.signal, onProgress })).rejects.toThrow("stop");
    await rm(space.queueDir, { recursive: true });
    await statuses(space, server, ["new"]);
    expect(await space.collect()).toEqual({ answered: 1 });
    await rm(space.queueDir, { recursive: true });
    await statuses(space, server, ["newer"]);
    expect(await space.collect()).toEqual({ answered: 1 });
    expect(await statuses(space, server, ["old", "new", "newer"])).toEqual(["ok", "ok", "ok"]);
    expect(countsOf(server.submissions)).toEqual([1, 1, 1]);
  });
});

describe("a budget", () => {
  // Of "q0": at most 512 + 16 + 2 + 2 tokens at $2 and 1,024 at $10, for a million each: $0.011304.
  test.each([
    [{ maxRequests: 4 }, 4],
    [{ maxCostUsd: 0.0227 }, 2],
  ] as const)(
    "of %j lets %d requests go, then those that it has room for",
    async (budget, room) => {
      const server = await serverWith();
      const space = await batchWorkspace();
      await statuses(space, server, texts(5));
      expect(await space.collect({ budget })).toEqual({ answered: room });
      if ("maxCostUsd" in budget) {
        // Two answers have cost $0.000012 each, which leaves room for one longest answer more.
        expect(await space.collect({ budget: { maxCostUsd: 0.0114 } })).toEqual({ answered: 1 });
        const spent = { maxCostUsd: 0.00005 };
        await expect(space.collect({ budget: spent })).rejects.toMatchObject({
          code: "BUDGET_SPENT",
          message: expect.stringContaining("US$ 0.000036 of knowledge.budget.maxCostUsd") as string,
        });
      } else {
        await expect(space.collect({ budget })).rejects.toMatchObject({
          code: "BUDGET_SPENT",
          message: expect.stringContaining("4 of knowledge.budget.maxRequests = 4") as string,
        });
      }
      const left = 5 - countsOf(server.submissions).length;
      expect(await space.collect()).toEqual({ answered: left });
      expect(countsOf(server.submissions)).toEqual(texts(5).map(() => 1));
    },
  );
});

describe("a failing service", () => {
  test("is asked again: lost answers of every route, a download cut in the middle", async () => {
    const server = await serverWith({
      routeFault: ({ n, route }) => {
        if (n > 0) return null;
        return route === "content" ? "disconnect" : "reset after";
      },
    });
    const space = await batchWorkspace();
    await statuses(space, server, texts(3));
    const seen: string[] = [];
    const onProgress = ({ kind }: BatchProgress) => seen.push(kind);
    expect(await space.collect({ onProgress })).toEqual({ answered: 3 });
    expect(seen).toContain("unreachable");
    expect(server.batches).toEqual(["batch_1"]);
    expect(countsOf(server.submissions)).toEqual([1, 1, 1]);
  });

  test("fails cleanly when it stays away, and goes on by the batch's id", async () => {
    let isDown = true;
    const server = await serverWith({
      routeFault: ({ route }) => (isDown && route === "retrieve" ? { status: 404 } : null),
    });
    const space = await batchWorkspace();
    await statuses(space, server, texts(2));
    await expect(space.collect()).rejects.toMatchObject({
      code: "PROVIDER_FAILED",
      message: expect.stringContaining("batch_1.batch.json first.") as string,
    });
    isDown = false;
    expect(await space.collect()).toEqual({ answered: 2 });
    expect(server.batches).toEqual(["batch_1"]);
  });

  test("is given up without a connection", async () => {
    const server = await serverWith();
    const space = await batchWorkspace();
    await statuses(space, server, texts(1));
    await server.close();
    await expect(space.collect()).rejects.toMatchObject({
      code: "PROVIDER_FAILED",
      message: expect.stringContaining("nothing is lost: run again") as string,
    });
  });

  test("is reached through the proxy that the environment names", async () => {
    const server = await serverWith();
    const asked: string[] = [];
    const proxy = createServer((incoming, response) => {
      const { pathname, search, host } = new URL(incoming.url ?? "");
      asked.push(`${incoming.headers["proxy-authorization"] ?? ""} ${host}${pathname}`);
      const { method, headers } = incoming;
      const target = new URL(pathname + search, server.url);
      const onward = request(target, { method, headers: { ...headers, host: target.host } });
      onward.on("response", (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      });
      incoming.pipe(onward);
    }).listen(0, "127.0.0.1");
    await once(proxy, "listening");
    onTestFinished(() => {
      proxy.closeAllConnections();
      proxy.close();
    });
    const address = proxy.address();
    if (address === null || typeof address === "string") throw new Error("internal: no port");
    vi.stubEnv("http_proxy", `http://me:word@127.0.0.1:${address.port}`);
    vi.stubEnv("R4EC_TEST_BATCH_KEY", "k-1");
    onTestFinished(() => void vi.unstubAllEnvs());
    const space = await batchWorkspace();
    const settings = serviceSettings("http://batch.example.invalid/v1");
    expect(await space.ask(settings, texts(2))).toEqual([null, null]);
    expect(await space.collect()).toEqual({ answered: 2 });
    const calls = await space.ask(settings, texts(2));
    expect(calls.map((call) => call?.answer.status)).toEqual(["ok", "ok"]);
    const login = `Basic ${Buffer.from("me:word").toString("base64")}`;
    expect(asked[0]).toBe(`${login} batch.example.invalid/v1/files`);
    expect(asked.at(-1)).toMatch(/\/content$/);
  });

  test("that refuses the key is named with the variable, and no key is written anywhere", async () => {
    const key = "marker-0f5d2c9a7b";
    vi.stubEnv("R4EC_TEST_BATCH_KEY", key);
    onTestFinished(() => void vi.unstubAllEnvs());
    let isRefusing = true;
    const server = await serverWith({
      routeFault: () => (isRefusing ? { status: 401, message: `bad key ${key}` } : null),
      fault: () => ({ status: 400, message: `never ${key}` }),
    });
    const space = await batchWorkspace();
    await statuses(space, server, texts(1));
    const refused: unknown = await space.collect().catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: "PROVIDER_FAILED" });
    expect(String(refused)).toContain("R4EC_TEST_BATCH_KEY");
    expect(String(refused)).toContain("bad key ***");
    isRefusing = false;
    await space.collect();
    expect([...server.keys]).toEqual([`Bearer ${key}`]);
    expect(await statuses(space, server, texts(1))).toEqual(["rejected"]);
    const content = await contentOf(space.folder);
    expect(content).toContain("never ***");
    expect(content).not.toContain(key);
  });

  test("stores an answer that repeats the key without it", async () => {
    const key = "marker-77c1e0b25d";
    vi.stubEnv("R4EC_TEST_BATCH_KEY", key);
    onTestFinished(() => void vi.unstubAllEnvs());
    const server = await serverWith({ answer: () => `I was sent ${key}` });
    const space = await batchWorkspace();
    await statuses(space, server, texts(1));
    await space.collect();
    const [call] = await space.ask(serviceSettings(server.url), texts(1));
    expect(call?.answer).toEqual({ status: "ok", text: "I was sent ***" });
    expect(await contentOf(space.folder)).not.toContain(key);
  });
});

describe("a run that is stopped", () => {
  const clean = async (): Promise<number> => {
    const server = await serverWith({ looks: 2 });
    const space = await batchWorkspace();
    await statuses(space, server, texts(6));
    await space.collect({ limits });
    return server.calls.length;
  };

  test("by an abort at any call of the service, submits nothing twice when it goes on", async () => {
    const calls = await clean();
    expect(calls).toBeGreaterThanOrEqual(12);
    for (let stopAt = 0; stopAt < calls; stopAt++) {
      const stop = new AbortController();
      let call = 0;
      const server = await serverWith({
        looks: 2,
        routeFault: () => {
          if (call++ === stopAt) stop.abort(new Error("stop"));
          return null;
        },
      });
      const space = await batchWorkspace();
      await statuses(space, server, texts(6));
      const stopped = space.collect({ limits, signal: stop.signal });
      await expect(stopped, `stopped at call ${stopAt}`).rejects.toThrow("stop");
      await space.collect({ limits });
      expect(await statuses(space, server, texts(6))).toEqual(texts(6).map(() => "ok"));
      expect(countsOf(server.submissions), `stopped at call ${stopAt}`).toEqual(
        texts(6).map(() => 1),
      );
    }
  });

  test("by kill -9 at calls of every route, submits nothing twice when it goes on", async () => {
    const fixture = new URL("./collect-fixture.ts", import.meta.url).pathname;
    const killedAt: string[] = [];
    const child = { kill: (): void => undefined };
    const server = await serverWith({
      routeFault: ({ route }) => {
        if (!killedAt.includes(route)) {
          killedAt.push(route);
          child.kill();
        }
        return null;
      },
    });
    const space = await batchWorkspace();
    await statuses(space, server, texts(6));
    for (const route of ["upload", "create", "list", "retrieve", "content"]) {
      const process = spawn(execPath, ["--import", "tsx", fixture, space.folder]);
      child.kill = () => process.kill("SIGKILL");
      const [, endedBy] = (await once(process, "exit")) as [number | null, string | null];
      expect(endedBy).toBe("SIGKILL");
      expect(killedAt.at(-1)).toBe(route);
    }
    await space.collect({ limits });
    expect(await statuses(space, server, texts(6))).toEqual(texts(6).map(() => "ok"));
    expect(countsOf(server.submissions)).toEqual(texts(6).map(() => 1));
  });
});
