import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import { setTimeout } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { poolFetch, type PoolFetch } from "../../../src/llm/openai/pool-fetch.ts";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function serve(
  answer: (body: string, response: ServerResponse) => void,
): Promise<{ origin: string; server: Server }> {
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      answer(body, response);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  closers.push(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });
  const address = server.address();
  return {
    origin: `http://127.0.0.1:${typeof address === "object" ? (address?.port ?? 0) : 0}`,
    server,
  };
}

function connect(origin: string, connections = 1): PoolFetch {
  const pool = poolFetch({ origin, connections, headers: {}, connectTimeoutMs: 1000 });
  closers.push(pool.close);
  return pool;
}

describe("poolFetch", () => {
  test("puts a body together that is cut inside a character", async () => {
    const bytes = Buffer.from("tête 🎬");
    const { origin } = await serve((_, response) => {
      response.write(bytes.subarray(0, 2));
      void setTimeout(20).then(() => response.end(bytes.subarray(2)));
    });
    const reply = await connect(origin).post(`${origin}/v1`, "{}").response;
    expect(reply.status).toBe(200);
    expect(await reply.text()).toBe("tête 🎬");
  });

  test("a failure keeps the headers that say when to ask again", async () => {
    const { origin } = await serve((_, response) => {
      response.writeHead(429, { "retry-after": "3", "x-ratelimit-reset": "1s", date: "today" });
      response.end("slow down");
    });
    const reply = await connect(origin).post(`${origin}/v1`, "{}").response;
    expect([reply.status, await reply.text()]).toEqual([429, "slow down"]);
    expect([...reply.headers]).toEqual([
      ["retry-after", "3"],
      ["x-ratelimit-reset", "1s"],
    ]);
  });

  test("a request given up in the queue is never sent, and frees nobody's connection", async () => {
    const bodies: string[] = [];
    const { origin } = await serve((body, response) => {
      bodies.push(body);
      void setTimeout(50).then(() => response.end("done"));
    });
    const pool = connect(origin);
    const first = pool.post(`${origin}/v1`, "first");
    const second = pool.post(`${origin}/v1`, "second");
    const third = pool.post(`${origin}/v1`, "third");
    second.abort();
    await expect(second.response).rejects.toThrow("the request was given up");
    expect(await (await first.response).text()).toBe("done");
    expect(await (await third.response).text()).toBe("done");
    expect(bodies).toEqual(["first", "third"]);
  });

  test("a request given up under way is cut off", async () => {
    let hasClosed = false;
    const { origin } = await serve((_, response) => {
      response.write("half");
      response.on("close", () => (hasClosed = true));
    });
    const { response, abort } = connect(origin).post(`${origin}/v1`, "{}");
    await setTimeout(50);
    abort();
    await expect(response).rejects.toMatchObject({ name: "AbortError" });
    await expect.poll(() => hasClosed).toBe(true);
  });
});
