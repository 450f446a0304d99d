import { execFile } from "node:child_process";
import { createServer } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { TransportError, type ChatPayload, type Transport } from "../../../src/llm/chat.ts";
import { openaiSettings, type OpenaiSettings } from "../../../src/llm/openai/openai-settings.ts";
import { openaiTransport } from "../../../src/llm/openai/openai-transport.ts";
import { eventually } from "../../util/eventually.ts";
import {
  startChatServer,
  type ChatServer,
  type ChatServerOptions,
  type Fault,
} from "../../util/chat-server.ts";

const marker = "marker-key-0123456789";
const closers: (() => Promise<void>)[] = [];

beforeEach(() => {
  vi.stubEnv("KEY_OF_TEST", marker);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  for (const close of closers.splice(0).reverse()) await close();
});

const payload: ChatPayload = {
  model: "writer-1",
  promptVersion: "p1",
  messages: [{ role: "user", content: "12345678" }],
  sampling: { temperature: 0, topP: 1, maxTokens: 64, seed: 1, stop: [], extra: {} },
  schema: null,
  sample: 0,
};
const usage = { promptTokens: 2, completionTokens: 2, cachedTokens: 0 };
const never = (): AbortSignal => new AbortController().signal;

async function serve(options: Partial<ChatServerOptions> = {}): Promise<ChatServer> {
  const server = await startChatServer({ answer: () => "an tree", ...options });
  closers.push(server.close);
  return server;
}

interface Asked {
  readonly timeoutS?: number;
  readonly inFlight?: number;
  readonly headers?: Record<string, string>;
  readonly extra?: Record<string, number | boolean>;
}

function settingsFor(
  baseUrl: string | readonly string[],
  { timeoutS = 60, inFlight = 8, headers = {}, extra = {} }: Asked = {},
): OpenaiSettings {
  return openaiSettings.parse({
    provider: "openai",
    model: "writer-1",
    apiKeyEnv: "KEY_OF_TEST",
    sampling: { extra },
    limits: { timeoutS, inFlight },
    baseUrl,
    headers,
  });
}

async function open(baseUrl: string | readonly string[], asked: Asked = {}): Promise<Transport> {
  const transport = await openaiTransport(settingsFor(baseUrl, asked));
  closers.push(transport.close);
  return transport;
}

async function failureOf(transport: Transport): Promise<TransportError> {
  try {
    await transport.send(payload, never());
  } catch (error) {
    if (error instanceof TransportError) return error;
    throw error;
  }
  throw new Error("it was answered");
}

/** What becomes of one request to a server with a fault, and of the next one, which is answered. */
async function meet(fault: Fault, asked: Asked = {}): Promise<TransportError> {
  const server = await serve({ fault: ({ n }) => (n === 0 ? fault : null) });
  const transport = await open(server.url, asked);
  const error = await failureOf(transport);
  expect(await transport.send(payload, never())).toEqual({ text: "an tree", usage });
  return error;
}

/** What a fault says when it ends the run. */
function reasonOf({ fault, message }: TransportError): string {
  return fault.kind === "setup" ? fault.reason : message;
}

describe("openaiTransport", () => {
  test("sends the payload as it is to be sent, with the key and nothing else of the environment", async () => {
    vi.stubEnv("OPENAI_ORG_ID", "org-1");
    vi.stubEnv("OPENAI_BASE_URL", "http://127.0.0.1:1/v1");
    vi.stubEnv("OPENAI_CUSTOM_HEADERS", "x-custom: 1");
    const server = await serve();
    const transport = await open(server.url, { headers: { "X-Team": "t1" } });
    expect(await transport.send(payload, never())).toEqual({ text: "an tree", usage });
    const [call] = server.calls;
    expect(call).toMatchObject({
      path: "/v1/chat/completions",
      body: { model: "writer-1", max_tokens: 64, seed: 1, messages: payload.messages },
      headers: {
        authorization: `Bearer ${marker}`,
        "content-type": "application/json",
        "user-agent": "r4ec",
        "x-team": "t1",
      },
    });
    expect(Object.keys(call?.headers ?? {}).sort()).toEqual(
      "accept authorization connection content-length content-type host user-agent x-team".split(
        " ",
      ),
    );
  });

  test("keeps the query of a base URL, and sends an api-key header instead of the key", async () => {
    const server = await serve();
    const base = `${server.url}/deployments/d1/?api-version=2024-10-21`;
    const transport = await open(base, { headers: { "api-key": "${KEY_OF_TEST}" } });
    await transport.send(payload, never());
    expect(server.calls[0]?.path).toBe(
      "/v1/deployments/d1/chat/completions?api-version=2024-10-21",
    );
    expect(server.calls[0]?.headers).toMatchObject({ "api-key": marker });
    expect(server.calls[0]?.headers).not.toHaveProperty("authorization");
  });

  test.each([
    ["absent", { promptTokens: null, completionTokens: null, cachedTokens: null }],
    ["wrong", { promptTokens: null, completionTokens: null, cachedTokens: null }],
  ] as const)("tokens are unknown where the count is %s", async (kind, expected) => {
    const transport = await open((await serve({ usage: kind })).url);
    expect((await transport.send(payload, never())).usage).toEqual(expected);
  });

  describe("faults of the prompt", () => {
    test.each([
      ["400", "rejected"],
      ["413", "rejected"],
      ["422", "rejected"],
    ] as const)("%s is rejected, with the server's words", async (kind, fault) => {
      const error = await meet({ kind, message: "context length exceeded" });
      expect(error.fault).toEqual({ kind: "prompt", fault });
      expect(error.message).toMatch(
        new RegExp(`^the server answered ${kind}: context length exceeded$`),
      );
    });

    test("a 400 of a content filter is filtered", async () => {
      const error = await meet({ kind: "400", code: "content_filter", message: "policy" });
      expect(error.fault).toEqual({ kind: "prompt", fault: "filtered" });
    });

    test.each([
      ["length", "length", usage],
      ["filtered", "filtered", usage],
      ["refusal", "filtered", usage],
      ["empty", "empty", usage],
    ] as const)("an answer that ends as %s is %s, and paid", async (kind, fault, paid) => {
      expect((await meet({ kind })).fault).toEqual({ kind: "prompt", fault, usage: paid });
    });
  });

  describe("faults of the attempt", () => {
    test.each([
      ["408", true, false],
      ["409", false, false],
      ["423", false, false],
      ["424", false, false],
      ["425", false, false],
      ["499", true, false],
      ["500", false, true],
      ["502", false, false],
      ["503", false, false],
      ["504", true, false],
      ["520", false, false],
      ["524", true, false],
    ] as const)("%s", async (kind, mayBePaid, isResponse) => {
      const error = await meet({ kind });
      expect(error.fault).toEqual({ kind: "transient", mayBePaid, isResponse });
      expect(error.message).toContain(`answered ${kind}: scripted ${kind}`);
    });

    test.each(["hang", "hang-body", "drip"] as const)(
      "%s ends at the timeout and frees the connection",
      async (kind) => {
        const server = await serve({ fault: ({ n }) => (n === 0 ? { kind } : null) });
        const transport = await open(server.url, { timeoutS: 0.5, inFlight: 1 });
        const started = performance.now();
        const error = await failureOf(transport);
        const tookMs = performance.now() - started;
        expect(error.fault).toMatchObject({ kind: "transient" });
        expect(error.message).toContain("did not answer in time (limits.timeoutS is 0.5)");
        expect(tookMs).toBeGreaterThan(490);
        await eventually(() => {
          expect(server.inFlight()).toBe(0);
        });
        await eventually(async () => {
          expect((await transport.send(payload, never())).text).toBe("an tree");
        });
      },
    );

    test.each([
      ["reset", "failed: read ECONNRESET|failed: other side closed"],
      ["disconnect", "failed: .*(terminated|closed|aborted)"],
      ["malformed", "broken JSON"],
    ] as const)("%s", async (kind, message) => {
      const error = await meet({ kind });
      expect(error.fault).toMatchObject({ kind: "transient" });
      expect(error.message).toMatch(new RegExp(message));
    });

    test("an answer of an unknown shape, quoted without any part of a key at the end of the quote", async () => {
      for (let pad = 380; pad < 460; pad += 7) {
        const server = await serve({
          answer: () => `${"x".repeat(pad)}${marker}`,
          fault: () => ({ kind: "unknown-shape" }),
        });
        const { message } = await failureOf(await open(server.url));
        expect(message).toContain("no chat completion: {");
        expect(message).not.toContain(marker.slice(0, 3));
      }
    });

    test("connection refused", async () => {
      const server = await startChatServer({ answer: () => "a" });
      await server.close();
      const error = await failureOf(await open(server.url));
      expect(error.fault).toMatchObject({ kind: "transient" });
      expect(error.message).toContain(`${server.url} failed: connect ECONNREFUSED`);
    });

    test("a server that speaks something else", async () => {
      const server = createServer((socket) => {
        socket.on("error", () => undefined).once("data", () => socket.end("hello\r\n"));
      });
      await new Promise<void>((up) => server.listen(0, "127.0.0.1", up));
      closers.push(
        () =>
          new Promise((closed) =>
            server.close(() => {
              closed();
            }),
          ),
      );
      const address = server.address();
      const port = typeof address === "object" ? (address?.port ?? 0) : 0;
      const error = await failureOf(await open(`http://127.0.0.1:${port}/v1`));
      expect(error.fault).toMatchObject({ kind: "setup", later: { kind: "transient" } });
      expect(reasonOf(error)).toContain("is no web server: check host and port of baseUrl");
    });
  });

  describe("a busy server", () => {
    test.each([
      [{ kind: "429" }, null],
      [{ kind: "429", retryAfterS: 3 }, 3000],
      [{ kind: "429", retryAfterS: 3, headers: { "retry-after-ms": "40" } }, 40],
      [{ kind: "429", headers: { "x-ratelimit-reset-tokens": "1.5s" } }, 1500],
      [{ kind: "503", retryAfterS: 1 }, 1000],
      [{ kind: "498" }, null],
      [{ kind: "529" }, null],
      [{ kind: "529", retryAfterS: 2 }, 2000],
    ] as const)("%j", async (fault, retryAfterMs) => {
      expect((await meet(fault)).fault).toEqual({ kind: "busy", retryAfterMs });
    });
  });

  describe("faults of the run", () => {
    test.each(["401", "403"] as const)("%s names the variable and how to set it", async (kind) => {
      const error = await meet({ kind, message: "no such key" });
      expect(reasonOf(error)).toMatch(
        /^http:\S+\/v1 refuses the key from environment variable KEY_OF_TEST \(export KEY_OF_TEST=…, /,
      );
      expect(reasonOf(error)).toContain(`answered ${kind}: no such key`);
    });

    test("403 is the prompt's refusal once others were answered, without the address", async () => {
      const error = await meet({ kind: "403", message: "blocked by a rule" });
      expect(error.fault).toMatchObject({
        kind: "setup",
        later: { kind: "prompt", fault: "rejected" },
      });
      expect(error.message).toBe("the server answered 403: blocked by a rule");
    });

    test("404 names the model and the address", async () => {
      const error = await meet({ kind: "404", code: "model_not_found", message: "nope" });
      expect(error.fault).toEqual({ kind: "fatal" });
      expect(error.message).toMatch(/^http:\S+\/v1 has no model writer-1.*baseUrl ends in \/v1/);
    });

    test("a base URL without /v1 says so", async () => {
      const server = await serve();
      const error = await failureOf(await open(new URL(server.url).origin));
      expect(error.fault).toEqual({ kind: "fatal" });
      expect(error.message).toContain("check model, and that baseUrl ends in /v1");
      expect(server.calls).toEqual([]);
    });

    test("a redirect is not followed, since it would carry the key elsewhere", async () => {
      const headers = { location: "http://127.0.0.1:1/api/v1/chat/completions?key=k" };
      const server = await serve({ fault: () => ({ kind: "308", headers }) });
      const error = await failureOf(await open(server.url));
      expect(error.fault).toEqual({ kind: "fatal" });
      expect(error.message).toContain(
        "redirects to http://127.0.0.1:1/api/v1/chat/completions, and redirects are not followed: " +
          "set baseUrl to http://127.0.0.1:1/api/v1, if that is the server",
      );
    });

    test("a redirect without a place", async () => {
      const server = await serve({ fault: () => ({ kind: "308" }) });
      expect((await failureOf(await open(server.url))).message).toContain("Fix baseUrl");
    });

    test("a quota that is used up", async () => {
      const error = await meet({ kind: "429", code: "insufficient_quota", retryAfterS: 1 });
      expect(error.fault).toEqual({ kind: "fatal" });
      expect(error.message).toContain("quota or credit is used up");
    });

    test("a parameter the model does not take", async () => {
      const message = "use 'max_completion_tokens' instead";
      const error = await meet({ kind: "400", code: "unsupported_parameter", message });
      expect(error.fault).toEqual({ kind: "fatal" });
      expect(error.message).toContain("sampling.extra: { FIELD: null }");
      expect(error.message).toContain(message);
    });
  });

  test("no message holds the key or a header's value, whatever the server echoes", async () => {
    const kinds = ["400", "401", "403", "404", "422", "429", "500", "503"] as const;
    for (const kind of kinds) {
      const server = await serve({
        fault: ({ headers }) => ({
          kind,
          message: `${JSON.stringify(headers)} ${"x".repeat(600)}`,
          code: String(headers.authorization),
          headers: { "x-echo": String(headers.authorization), "retry-after": marker },
        }),
      });
      const transport = await open(server.url, { headers: { "x-tenant": "t-${KEY_OF_TEST}" } });
      const error = await failureOf(transport);
      expect(error.message).toContain("Bearer ***");
      expect(error.message.length).toBe(500);
      expect(`${error.stack ?? ""} ${JSON.stringify(error)}`).not.toContain(marker);
      expect(error.cause).toBeUndefined();
    }
  });

  test("an answer that repeats the key or a header's variable comes without it", async () => {
    vi.stubEnv("TENANT_OF_TEST", "tenant-of-test");
    vi.stubEnv("STAGE_OF_TEST", "film");
    const said = `Bearer bonds are a film about tenants. ${marker} ${encodeURIComponent(marker)} tenant-of-test`;
    const server = await serve({ answer: () => said });
    const headers = { "x-tenant": "${TENANT_OF_TEST}", "x-stage": "${STAGE_OF_TEST}" };
    const transport = await open(server.url, { headers: { ...headers, "x-title": "Bearer" } });
    const { text } = await transport.send(payload, never());
    expect(text).toBe("Bearer bonds are a film about tenants. *** *** ***");
  });

  describe("an abort", () => {
    test("is thrown as its reason and frees the connection", async () => {
      const server = await serve({ fault: () => ({ kind: "hang" }) });
      const transport = await open(server.url);
      const stop = new AbortController();
      const reason = new Error("stop");
      const asked = transport.send(payload, stop.signal);
      const rejected = expect(asked).rejects.toBe(reason);
      await eventually(() => {
        expect(server.inFlight()).toBe(1);
      });
      stop.abort(reason);
      await rejected;
      await eventually(() => {
        expect(server.inFlight()).toBe(0);
      });
    });

    test("before the start sends nothing", async () => {
      const server = await serve();
      const transport = await open(server.url);
      const reason = new Error("stop");
      await expect(transport.send(payload, AbortSignal.abort(reason))).rejects.toBe(reason);
      expect(server.calls).toEqual([]);
    });

    test("is listened for once, however many requests share its signal", async () => {
      const transport = await open((await serve()).url);
      const { signal } = new AbortController();
      const listen = vi.spyOn(signal, "addEventListener");
      await Promise.all(Array.from({ length: 20 }, () => transport.send(payload, signal)));
      expect(listen).toHaveBeenCalledTimes(1);
    });
  });

  test("has no more connections than requests may be under way, and closes them all", async () => {
    const server = await serve({ fault: () => ({ kind: "hang" }) });
    const transport = await open(server.url, { inFlight: 3 });
    const asked = Array.from({ length: 12 }, () => transport.send(payload, never()));
    const settled = Promise.allSettled(asked);
    await eventually(async () => {
      expect(server.inFlight()).toBe(3);
      expect(await server.sockets()).toBe(3);
    });
    await transport.close();
    await settled;
    await eventually(async () => {
      expect(await server.sockets()).toBe(0);
    });
    expect(server.calls.length).toBe(3);
  });

  test("keeps its connections", async () => {
    const server = await serve();
    const transport = await open(server.url);
    for (let i = 0; i < 20; i++) await transport.send(payload, never());
    // The next request may start just before the connection of the last one is free again.
    expect(await server.sockets()).toBeLessThanOrEqual(2);
  });

  describe("several endpoints", () => {
    test("share the requests", async () => {
      const servers = [await serve({ delayMs: 5 }), await serve({ delayMs: 5 })];
      const transport = await open(servers.map((server) => server.url));
      await Promise.all(Array.from({ length: 8 }, () => transport.send(payload, never())));
      expect(servers.map((server) => server.calls.length)).toEqual([4, 4]);
    });

    test("one that is dead costs one attempt, and the other does the work", async () => {
      const dead = await startChatServer({ answer: () => "a" });
      await dead.close();
      const alive = await serve();
      const transport = await open([dead.url, alive.url]);
      expect((await failureOf(transport)).fault).toMatchObject({ kind: "transient" });
      for (let i = 0; i < 5; i++) await transport.send(payload, never());
      expect(alive.calls.length).toBe(5);
    });

    test("a wrong key at one of them ends the run, naming it", async () => {
      const closedDoor = await serve({ fault: () => ({ kind: "401" }) });
      const transport = await open([closedDoor.url, (await serve()).url]);
      const error = await failureOf(transport);
      expect(error.fault).toEqual({ kind: "fatal" });
      expect(error.message).toContain(closedDoor.url);
    });
  });

  describe("settings it cannot use", () => {
    test.each([
      ["http://me:secret@127.0.0.1/v1", {}, "baseUrl for 127.0.0.1 holds a user or a password"],
      ["ftp://127.0.0.1/v1", {}, "baseUrl must be http or https"],
      [
        "http://127.0.0.1/v1",
        { extra: { stream: true } },
        "sampling.extra.stream is not supported",
      ],
      [
        "http://127.0.0.1/v1",
        { headers: { a: "${NOT_SET}" } },
        "variable NOT_SET, which is not set",
      ],
    ])("%s %j", async (baseUrl, asked, message) => {
      const opening = openaiTransport(settingsFor(baseUrl, asked));
      await expect(opening).rejects.toThrow(message);
      await expect(opening).rejects.toMatchObject({ code: "CONFIG_INVALID" });
      await expect(opening).rejects.not.toThrow("secret@");
    });
  });

  test("after close nothing keeps the process alive", async () => {
    const server = await serve();
    const script = join(import.meta.dirname, "../../util/ask-once.ts");
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--import", "tsx", script, server.url],
      { timeout: 20_000 },
    );
    expect(stdout).toBe("an tree\n");
  });
});
