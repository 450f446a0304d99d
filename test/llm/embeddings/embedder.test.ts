import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { EmbeddingCall } from "../../../src/llm/embeddings/embeddings.ts";
import { openLlm, type LlmOptions } from "../../../src/llm/llm.ts";
import { embeddingSettings } from "../../../src/llm/settings.ts";
import {
  startEmbeddingsServer,
  type EmbeddingsReply,
  type EmbeddingsServer,
  type EmbeddingsServerOptions,
} from "../../util/embeddings-server.ts";

const marker = "marker-key-0123456789";
const closers: (() => Promise<void>)[] = [];

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "r4ec-embedder-"));
  vi.stubEnv("KEY_OF_TEST", marker);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  for (const close of closers.splice(0).reverse()) await close();
  await rm(folder, { recursive: true, force: true });
});

async function serve(options: EmbeddingsServerOptions = {}): Promise<EmbeddingsServer> {
  const server = await startEmbeddingsServer(options);
  closers.push(server.close);
  return server;
}

async function clientOf(
  baseUrl: string,
  settings: object = {},
  options: Partial<Pick<LlmOptions, "budget" | "prices">> = {},
) {
  const llm = await openLlm({
    cacheDir: join(folder, "answers"),
    queueDir: join(folder, "queue"),
    runId: "run",
    ...{ budget: {}, prices: {}, ...options },
  });
  closers.push(llm.close);
  const parsed = embeddingSettings.parse({
    apiKeyEnv: "KEY_OF_TEST",
    limits: { attempts: 2, timeoutS: 60, downAfterS: 1 },
    ...settings,
  });
  return llm.embedder({ ...parsed, model: "m", baseUrl });
}

/** The kept calls of one request. */
async function embed(
  client: Awaited<ReturnType<typeof clientOf>>,
  texts: readonly string[],
): Promise<{ readonly kept: readonly EmbeddingCall[]; readonly refused: string | null }> {
  const kept: EmbeddingCall[] = [];
  const refusal = await client.embed(texts, new AbortController().signal, (call) => {
    kept.push(call);
    return Promise.resolve();
  });
  return { kept, refused: refusal && `${refusal.fault}: ${refusal.reason}` };
}

function base64Of(numbers: readonly number[]): string {
  return Buffer.from(Float32Array.from(numbers).buffer).toString("base64");
}

describe("embedder", () => {
  test.each(["base64", "float"])(
    "reads vectors sent as %s, in the order of texts",
    async (encodingFormat) => {
      const server = await serve();
      const client = await clientOf(
        server.url,
        { encodingFormat, dimensions: 4, extra: { input_type: "passage" } },
        { prices: { m: { prompt: 2, completion: 9 } } },
      );
      const { kept, refused } = await embed(client, ["aab", "c"]);
      expect(refused).toBeNull();
      expect(kept).toMatchObject([
        {
          dimension: 4,
          vectors: Float32Array.of(2, 1, 0, 1, /**/ 0, 0, 1, 1),
          usage: { promptTokens: 6, completionTokens: 0 },
          costUsd: 12e-6, // 6 tokens at 2 dollars a million
          attempts: 1,
        },
      ]);
      expect(server.requests).toEqual([
        {
          model: "m",
          input: ["aab", "c"],
          encoding_format: encodingFormat,
          dimensions: 4,
          input_type: "passage",
        },
      ]);
      expect(server.headers[0]).toMatchObject({ authorization: `Bearer ${marker}` });
    },
  );

  test("places vectors by their index, in whichever order they come", async () => {
    const server = await serve({
      fault: () => ({ body: (right) => ({ ...right, data: right.data.toReversed() }) }),
    });
    const { kept } = await embed(await clientOf(server.url), ["a", "bb"]);
    expect(kept[0]?.vectors).toEqual(Float32Array.of(1, 0, 0, 1, /**/ 0, 2, 0, 1));
  });

  test.each([
    [
      "fewer vectors than texts",
      (right) => ({ ...right, data: right.data.slice(1) }),
      /gave 1 vectors for 2 texts: .*textsPerRequest to 1/,
    ],
    ["no vectors", (right) => ({ ...right, data: [] }), /gave 0 vectors for 2 texts/],
    [
      "an index twice",
      (right) => ({ ...right, data: right.data.map((row) => ({ ...row, index: 1 })) }),
      /no vector of index 0/,
    ],
    [
      "a vector per token",
      (right) => ({
        ...right,
        data: right.data.map((row) => ({
          ...row,
          embedding: [
            [1, 2],
            [3, 4],
          ],
        })),
      }),
      /gave a vector per token: start it with a pooling/,
    ],
  ] as readonly [string, (right: EmbeddingsReply) => unknown, RegExp][])(
    "ends the run when the server gives %s",
    async (_, body, message) => {
      const server = await serve({ fault: () => ({ body }) });
      const asked = embed(await clientOf(server.url), ["a", "b"]);
      await expect(asked).rejects.toMatchObject({
        code: "PROVIDER_FAILED",
        message: expect.stringMatching(message) as string,
      });
      expect(server.requests).toHaveLength(1);
    },
  );

  test.each([
    ["null for a number", [1, null], /not finite \(number 2 of the vector\): .*float32/],
    ["a number beyond float32", [1e39, 1], /not finite \(number 1 of/],
    ["text for a number", [1, "2"], /not finite \(number 2 of/],
    ["NaN in base64", base64Of([1, NaN]), /not finite \(number 2 of/],
    ["half a number", "AAAA", /no base64 of float32: set encode\.remote\.encodingFormat: float/],
    ["no base64", "not found", /no base64 of float32/],
    ["null", null, /no list of numbers/],
    ["an object", { values: [1, 2] }, /no list of numbers/],
    ["an empty list", [], /an empty vector/],
    ["empty text", "", /an empty vector/],
    ["another width", [1], /a vector of 1 numbers where 2 were expected: .*dimensions/],
  ])(
    "of %s for a text, the other texts of the request keep their vectors",
    async (_, bad, fault) => {
      const server = await serve({
        fault: () => ({
          body: (right) => ({
            ...right,
            data: right.data.map((row, place) => ({
              ...row,
              embedding: place === 1 ? bad : [place + 1, 5],
            })),
          }),
        }),
      });
      const { kept, refused } = await embed(await clientOf(server.url), ["a", "b", "c"]);
      expect(refused).toBeNull();
      expect(kept).toMatchObject([
        {
          vectors: Float32Array.of(1, 5, /**/ 0, 0, /**/ 3, 5),
          dimension: 2,
          faults: new Map([[1, expect.stringMatching(fault) as string]]),
          usage: { promptTokens: 9 },
        },
      ]);
    },
  );

  test("reads NaN and Infinity as Python writes them, as faults of their texts", async () => {
    const data = [[1, 2], "[NaN, 1]", [3, 4], "[1, -Infinity]", "[Infinity]"].map(
      (vector, index) =>
        `{"index": ${index}, "embedding": ${typeof vector === "string" ? vector : JSON.stringify(vector)}}`,
    );
    const server = await serve({ fault: () => ({ body: () => `{"data": [${data.join(", ")}]}` }) });
    const { kept } = await embed(await clientOf(server.url), ["a", "b", "c", "d", "e"]);
    expect(kept).toMatchObject([{ vectors: Float32Array.of(1, 2, 0, 0, 3, 4, 0, 0, 0, 0) }]);
    expect([...(kept[0]?.faults.keys() ?? [])]).toEqual([1, 3, 4]);
  });

  test.each([
    ["an entry that is no object", null],
    ["an entry without index", { embedding: [1, null] }],
  ])("of %s, the text is the one that no other entry is of", async (_, entry) => {
    const server = await serve({
      fault: () => ({ body: ({ data }) => ({ data: [data[2], entry, data[0]] }) }),
    });
    const { kept } = await embed(await clientOf(server.url), ["a", "b", "c"]);
    expect([...(kept[0]?.faults.keys() ?? [])]).toEqual([1]);
    expect(kept[0]?.vectors.subarray(8)).toEqual(Float32Array.of(0, 0, 1, 1));
  });

  test("a text sent alone for which there is no vector, or two, is at fault itself", async () => {
    const server = await serve({
      fault: ({ n }) => ({
        body: ({ data }) => ({ data: n === 0 ? [] : [...data, ...data] }),
      }),
    });
    const client = await clientOf(server.url);
    const faults = [await embed(client, ["a"]), await embed(client, ["b"])].map(
      ({ kept: [call] }) => call?.faults.get(0),
    );
    expect(faults).toEqual([
      "the server gave 0 vectors for one text",
      "the server gave 2 vectors for one text",
    ]);
  });

  test("vectors without the dimensions asked for are faults of their texts", async () => {
    const server = await serve();
    const { kept } = await embed(await clientOf(server.url, { dimensions: 3 }), ["a", "b"]);
    expect(kept).toMatchObject([{ dimension: 0 }]);
    expect(kept[0]?.faults.get(1)).toMatch(/a vector of 4 numbers where 3 were expected/);
  });

  test("tries again after a lost connection, a 500 and a 429", async () => {
    const faults = [{ kind: "reset" }, { status: 500 }, { status: 429, retryAfterS: 0 }] as const;
    const server = await serve({ fault: ({ n }) => faults[n] ?? null });
    const client = await clientOf(server.url, { limits: { attempts: 4, downAfterS: 30 } });
    const { kept } = await embed(client, ["a"]);
    expect(kept).toMatchObject([{ attempts: 4 }]);
    expect([...server.answeredPerText]).toEqual([["a", 1]]);
  });

  test("says why texts are refused, and keeps nothing of them", async () => {
    const server = await serve({ fault: () => ({ status: 413, message: "too many" }) });
    expect(await embed(await clientOf(server.url), ["a"])).toEqual({
      kept: [],
      refused: "rejected: the server answered 413: too many",
    });
  });

  test.each([
    [{}, "base64 encoding is not currently supported", /set encode\.remote\.encodingFormat: float/],
    [{ dimensions: 4 }, "model has no matryoshka vectors", /leave encode\.remote\.dimensions out/],
    [
      { extra: { input_type: "query" } },
      "Unrecognized request argument: input_type",
      /leave encode\.remote\.extra\.input_type out/,
    ],
  ])(
    "a field that every request has and the server refuses ends the run: %j",
    async (settings, message, cure) => {
      let isRefusing = true;
      const server = await serve({ fault: () => (isRefusing ? { status: 400, message } : null) });
      const asked = embed(await clientOf(server.url, settings), ["a", "b"]);
      await expect(asked).rejects.toMatchObject({ code: "PROVIDER_FAILED" });
      await expect(asked).rejects.toThrow(cure);
      expect(server.requests).toHaveLength(1);

      // Once it has answered with these settings, such words are about the text.
      isRefusing = false;
      const client = await clientOf(server.url, settings);
      await embed(client, ["a"]);
      isRefusing = true;
      expect((await embed(client, ["c"])).refused).toBe(
        `rejected: the server answered 400: ${message}`,
      );
    },
  );

  test("texts for which every attempt fails while others are answered are refused, the run goes on", async () => {
    const server = await serve({
      fault: ({ body }) => (body.input.includes("bad") ? { status: 500, message: "oops" } : null),
    });
    const client = await clientOf(server.url, { limits: { attempts: 2, downAfterS: 60 } });
    await embed(client, ["a"]);
    expect((await embed(client, ["bad"])).refused).toMatch(
      /^failed: no answer in 2 attempts; the last: .*500: oops/,
    );
    expect((await embed(client, ["b"])).kept).toHaveLength(1);
  });

  test("counts against the run's budget, also when the run goes on", async () => {
    const server = await serve();
    const price = { prices: { m: { prompt: 1e6, completion: 0 } } }; // a dollar a token
    const first = await clientOf(server.url, {}, { ...price, budget: { maxCostUsd: 27 } });
    await embed(first, ["aaaa"]); // 3 tokens, at most 4 + 16
    await embed(first, ["bbbb"]);
    await expect(embed(first, ["cccc cccc"])).rejects.toMatchObject({ code: "BUDGET_SPENT" });
    const again = await clientOf(server.url, {}, { ...price, budget: { maxRequests: 3 } });
    await embed(again, ["dddd"]);
    await expect(embed(again, ["eeee"])).rejects.toMatchObject({ code: "BUDGET_SPENT" });
    expect([...server.answeredPerText.keys()]).toEqual(["aaaa", "bbbb", "dddd"]);
  });

  test("needs a price where the cost is limited", async () => {
    const asked = clientOf("http://127.0.0.1:1/v1", {}, { budget: { maxCostUsd: 1 } });
    await expect(asked).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringMatching(/needs the price of m/) as string,
    });
  });

  test("refuses a field of extra that is set elsewhere", async () => {
    const asked = clientOf("http://127.0.0.1:1/v1", { extra: { input: "x" } });
    await expect(asked).rejects.toThrow(/encode.remote.extra.input is not supported/);
  });

  test("a wrong key ends the run, and the key is nowhere to be seen", async () => {
    const server = await serve({
      fault: () => ({ status: 401, message: `wrong key ${marker} sent` }),
    });
    const thrown = await embed(await clientOf(server.url), ["a"]).catch((error: unknown) => error);
    expect(String(thrown)).toMatch(/refuses the key from environment variable KEY_OF_TEST/);
    expect(String(thrown)).not.toContain(marker);
    for (const name of readdirSync(join(folder, "answers"))) {
      expect(readFileSync(join(folder, "answers", name), "utf8")).not.toContain(marker);
    }
  });
});
