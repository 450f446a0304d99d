import { afterEach, describe, expect, test } from "vitest";
import { eventually } from "../util/eventually.ts";
import { startChatServer, type ChatServer, type ChatServerOptions } from "../util/chat-server.ts";

let server: ChatServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function start(options: Partial<ChatServerOptions> = {}): Promise<ChatServer> {
  server = await startChatServer({ answer: (body) => `to ${body.model}`, ...options });
  return server;
}

const body = (content: string) => ({
  model: "m",
  top_k: 3,
  messages: [
    { role: "system", content: "12345678" },
    { role: "user", content },
  ],
});

function post(url: string, content: string, signal?: AbortSignal): Promise<Response> {
  const request = { method: "POST", body: JSON.stringify(body(content)), signal: signal ?? null };
  return fetch(`${url}/chat/completions`, request);
}

describe("startChatServer", () => {
  test("answers from the script and counts tokens by fours", async () => {
    const { url, calls } = await start();
    expect(await (await post(url, "12345")).json()).toMatchObject({
      choices: [
        { message: { role: "assistant", content: "to m", refusal: null }, finish_reason: "stop" },
      ],
      usage: {
        prompt_tokens: 4,
        completion_tokens: 1,
        total_tokens: 5,
        prompt_tokens_details: { cached_tokens: 2 },
      },
    });
    expect(calls).toMatchObject([
      { body: body("12345"), attempt: 0, status: "answered", path: "/v1/chat/completions" },
    ]);
  });

  test("counts attempts and answers by body", async () => {
    const { url, calls, counts, answeredPerBody } = await start({
      fault: ({ attempt, n }) => (attempt === 0 && n > 0 ? { kind: "500" } : null),
    });
    for (const content of ["a", "b", "b", "b"]) await (await post(url, content)).text();
    expect(calls.map(({ attempt, status }) => `${attempt} ${status}`)).toEqual([
      "0 answered",
      "0 500",
      "1 answered",
      "2 answered",
    ]);
    expect([...counts]).toEqual([
      ["answered", 3],
      ["500", 1],
    ]);
    expect([...answeredPerBody]).toEqual([
      [JSON.stringify(body("a")), 1],
      [JSON.stringify(body("b")), 2],
    ]);
  });

  test("only counts with keepCalls: false", async () => {
    const { url, calls, counts } = await start({ keepCalls: false });
    await (await post(url, "a")).text();
    expect(calls).toEqual([]);
    expect([...counts]).toEqual([["answered", 1]]);
  });

  test("sends Retry-After and an error object with a planned status", async () => {
    const { url } = await start({
      fault: () => ({ kind: "429", retryAfterS: 2, message: "slow", code: "rate" }),
    });
    const response = await post(url, "a");
    expect(response.status).toBe(429);
    expect(response.headers.get("retry-after")).toBe("2");
    expect(await response.json()).toMatchObject({ error: { message: "slow", code: "rate" } });
  });

  test.each([1, 100])("a drip of %s bytes a write arrives whole in the end", async (bytes) => {
    const { url } = await start({
      answer: () => "naïve 🎬",
      fault: () => ({ kind: "drip", everyMs: 0, bytes }),
    });
    expect(await (await post(url, "a")).json()).toMatchObject({
      choices: [{ message: { content: "naïve 🎬" } }],
    });
  });

  test("refuses a body that is no chat request, and other routes", async () => {
    const { url, calls } = await start();
    const bad = await fetch(`${url}/chat/completions`, { method: "POST", body: "{}" });
    expect(bad.status).toBe(500);
    expect((await fetch(`${url}/models`)).status).toBe(404);
    expect(calls).toEqual([]);
  });

  test("knows how many calls are under way, and how many were at most", async () => {
    const { url, inFlight, mostInFlight } = await start({
      fault: ({ n }) => (n < 3 ? { kind: "hang" } : null),
    });
    const hanging = new AbortController();
    const asked = ["a", "b", "c"].map((content) => post(url, content, hanging.signal));
    await eventually(() => {
      expect(inFlight()).toBe(3);
    });
    hanging.abort();
    await Promise.allSettled(asked);
    await eventually(() => {
      expect(inFlight()).toBe(0);
    });
    await (await post(url, "d")).text();
    expect(mostInFlight()).toBe(3);
  });
});
