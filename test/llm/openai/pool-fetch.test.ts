import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import { setTimeout } from "node:timers/promises";
import { gzipSync } from "node:zlib";
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

function connect(origin: string, proxy: URL | null = null): PoolFetch {
  const pool = poolFetch({ origin, proxy, connections: 1, headers: {}, connectTimeoutMs: 30_000 });
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

  test("unpacks a body that was compressed unasked, of answers and of failures", async () => {
    const { origin } = await serve((body, response) => {
      response.writeHead(Number(body), { "content-encoding": "gzip" });
      response.end(gzipSync("tête"));
    });
    for (const status of [200, 500]) {
      const reply = await connect(origin).post(`${origin}/v1`, String(status)).response;
      expect([reply.status, await reply.text()]).toEqual([status, "tête"]);
    }
  });

  test("rejects a body that is not what its header says", async () => {
    const { origin } = await serve((_, response) => {
      response.writeHead(200, { "content-encoding": "gzip" });
      response.end("plain");
    });
    await expect(connect(origin).post(`${origin}/v1`, "{}").response).rejects.toThrow(
      "incorrect header check",
    );
  });

  test("asks a proxy for the whole address, with its password", async () => {
    const seen: unknown[] = [];
    const proxy = createServer(({ url, headers }, response) => {
      seen.push([url, headers.host, headers["proxy-authorization"]]);
      response.end("by proxy");
    }).listen(0, "127.0.0.1");
    await once(proxy, "listening");
    closers.push(async () => {
      proxy.closeAllConnections();
      proxy.close();
      await once(proxy, "close");
    });
    const address = proxy.address();
    const port = typeof address === "object" ? (address?.port ?? 0) : 0;
    const origin = "http://models.invalid:8000";
    const pool = connect(origin, new URL(`http://me:p%40ss@127.0.0.1:${port}`));
    expect(await (await pool.post(`${origin}/v1/x`, "{}").response).text()).toBe("by proxy");
    const basic = `Basic ${Buffer.from("me:p@ss").toString("base64")}`;
    expect(seen).toEqual([[`${origin}/v1/x`, "models.invalid:8000", basic]]);
  });

  test("asks a proxy for a tunnel to a server of https", async () => {
    const tunnels: unknown[] = [];
    const proxy = createServer().listen(0, "127.0.0.1");
    proxy.on("connect", ({ url }, socket) => {
      tunnels.push(url);
      socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
    });
    await once(proxy, "listening");
    closers.push(async () => {
      proxy.close();
      await once(proxy, "close");
    });
    const address = proxy.address();
    const port = typeof address === "object" ? (address?.port ?? 0) : 0;
    const origin = "https://models.invalid";
    const pool = connect(origin, new URL(`http://127.0.0.1:${port}`));
    await expect(pool.post(`${origin}/v1`, "{}").response).rejects.toThrow("HTTP Tunneling");
    expect(tunnels).toEqual(["models.invalid:443"]);
  });
});
