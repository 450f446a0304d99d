import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { encodeSettings } from "../../../src/encode/settings.ts";
import { taskEncoder } from "../../../src/encode/task-encoder.ts";
import { cutText } from "../../../src/encode/remote/cut-text.ts";
import type { Encoder } from "../../../src/encode/model/encoder.ts";
import type { Prices } from "../../../src/llm/settings.ts";
import {
  startEmbeddingsServer,
  type EmbeddingsServer,
  type EmbeddingsServerOptions,
} from "../../util/embeddings-server.ts";

let runDir: string;
const closers: (() => Promise<void>)[] = [];

beforeEach(async () => {
  runDir = await mkdtemp(path.join(tmpdir(), "r4ec-remote-"));
});

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  await rm(runDir, { recursive: true, force: true });
});

async function serve(options: EmbeddingsServerOptions = {}): Promise<EmbeddingsServer> {
  const server = await startEmbeddingsServer(options);
  closers.push(server.close);
  return server;
}

/** A session of a run: opened anew each time. */
async function open(
  server: Pick<EmbeddingsServer, "url">,
  {
    remote = {},
    prices = {},
    ...settings
  }: { remote?: object; prices?: Prices; [key: string]: unknown } = {},
): Promise<Encoder> {
  const limits = { attempts: 1, downAfterS: 1, timeoutS: 5 };
  const encoder = await taskEncoder(
    encodeSettings.parse({
      encoder: `openai:m@${server.url}`,
      remote: { limits, ...remote },
      ...settings,
    }),
    { budget: {}, prices },
    {
      runDir,
      cacheDir: runDir,
      tempDir: runDir,
      threads: 1,
      memoryMb: 256,
      signal: new AbortController().signal,
      outputPath: () => "",
      progress: () => undefined,
      shared: (_, create) => create(),
    },
  );
  closers.push(encoder.close);
  return encoder;
}

const length = Math.sqrt(2 ** 2 + 1 ** 2 + 0 ** 2 + 1 ** 2); // of aab: [2, 1, 0, 1]

describe("remoteEncoder", () => {
  test("gives unit vectors, and what each text took", async () => {
    const server = await serve();
    const encoder = await open(server, { prices: { m: { prompt: 3, completion: 1 } } });
    const { vectors, calls, ...counts } = await encoder.encode(["aab", "c".repeat(8), "aab"]);
    expect([...vectors.subarray(0, 4)]).toEqual(
      [2, 1, 0, 1].map((value) => Math.fround(value / length)),
    );
    expect(vectors.subarray(8)).toEqual(vectors.subarray(0, 4));
    expect({ name: encoder.name, dimension: encoder.dimension }).toEqual({
      name: "m",
      dimension: 4,
    });
    // The server counts 3 + 4 tokens, the estimate is 1 to 2: so the shares are 7 x 2/3 and 7 x 1/3.
    expect(counts).toEqual({
      tokens: Int32Array.of(2, 5, 2),
      chunks: Int32Array.of(1, 1, 1),
      truncated: Int32Array.of(0, 0, 0),
    });
    expect(calls).toMatchObject([
      {
        promptTokens: 2,
        costUsd: expect.closeTo(7e-6, 12) as number,
        isCached: false,
        model: "m",
        attempts: 1,
      },
      { promptTokens: 5, costUsd: expect.closeTo(14e-6, 12) as number, isCached: false },
      { promptTokens: 2, costUsd: expect.closeTo(7e-6, 12) as number, isCached: true },
    ]);
    expect(server.requests.map(({ input }) => input)).toEqual([["cccccccc", "aab"]]);
  });

  test("leaves vectors as long as they are where the settings say so, and asks for nothing anew", async () => {
    const server = await serve();
    await (await open(server)).encode(["aab"]);
    const plain = await open(server, { normalize: false });
    const { vectors } = await plain.encode(["aab"]);
    expect([...vectors]).toEqual([2, 1, 0, 1]);
    expect(server.requests).toHaveLength(1);
  });

  test("groups by number and tokens, and does not pay again when grouped otherwise", async () => {
    const server = await serve();
    const texts = ["a", "bb", "ccc", "aaaaaaaaa", "bbbbbbbbb", "ccccccccc"]; // 1, 1, 1, 3, 3, 3 tokens
    const first = await open(server, { remote: { textsPerRequest: 4, tokensPerRequest: 6 } });
    const grouped = await first.encode(texts);
    expect(server.requests.map(({ input }) => input.length)).toEqual([2, 4]);
    const alone = await open(server, { remote: { textsPerRequest: 1 } });
    const { vectors, calls } = await alone.encode([...texts, "new"]);
    expect(vectors.subarray(0, grouped.vectors.length)).toEqual(grouped.vectors);
    expect(calls?.map(({ isCached }) => isCached)).toEqual([...texts.map(() => true), false]);
    expect(server.requests.slice(2).map(({ input }) => input)).toEqual([["new"]]);
    expect(new Set(server.answeredPerText.values())).toEqual(new Set([1]));
  });

  test("asks once for a text that two tasks need at the same time; the second goes on alone when the first fails", async () => {
    const server = await serve({
      delayMs: 20,
      fault: ({ body }) => (body.input.includes("bad") ? { status: 400, message: "no" } : null),
    });
    const encoder = await open(server);
    const [one, other] = await Promise.all([
      encoder.encode(["aa", "b"]),
      encoder.encode(["c", "aa"]),
    ]);
    expect(other.vectors.subarray(4)).toEqual(one.vectors.subarray(0, 4));
    expect(other.calls?.map(({ isCached }) => isCached)).toEqual([false, true]);
    expect(Object.fromEntries(server.answeredPerText)).toEqual({ aa: 1, b: 1, c: 1 });

    const failing = encoder.encode(["bad", "ab"]);
    const { calls } = await encoder.encode(["ab"]);
    const refusal = { status: "rejected", reason: "the server answered 400: no", attempts: 1 };
    expect((await failing).calls).toMatchObject([{ refusal }, { refusal: null }]);
    expect(calls).toHaveLength(1);
    expect(server.answeredPerText.get("ab")).toBe(1);
  });

  test("finds how many texts a request may have, and keeps to it", async () => {
    const server = await serve({
      fault: ({ body }) => (body.input.length > 3 ? { status: 413, message: "too many" } : null),
    });
    const encoder = await open(server, { remote: { textsPerRequest: 8 } });
    await encoder.encode(Array.from({ length: 20 }, (_, n) => "a".repeat(20 - n)));
    const sizes = server.requests.map(({ input }) => input.length);
    expect(sizes.slice(0, 6)).toEqual([8, 4, 2, 2, 4, 2]); // halves of the first request
    expect(sizes.slice(7).every((size) => size <= 2)).toBe(true);
    expect(new Set(server.answeredPerText.values())).toEqual(new Set([1]));
    expect(server.answeredPerText.size).toBe(20);
  });

  test("a text that the server refuses has zeros and a reason, the others their vectors, in as few requests as before", async () => {
    const server = await serve({
      fault: ({ body }) =>
        body.input.includes("bad") ? { status: 400, message: "content policy" } : null,
    });
    await (await open(server)).encode(["c"]); // the server works
    const encoder = await open(server, { remote: { textsPerRequest: 4 } });
    const texts = ["bad", ...Array.from({ length: 31 }, (_, n) => "a".repeat(n + 1))];
    const { vectors, calls, tokens } = await encoder.encode(["c", ...texts]).catch(() => {
      throw new Error("one text ended the call");
    });
    const refused = calls?.flatMap(({ refusal }, place) => (refusal === null ? [] : [place]));
    expect(refused).toEqual([1]);
    expect(calls?.[1]?.refusal).toMatchObject({ status: "rejected" });
    expect([vectors.slice(4, 8), tokens[1]]).toEqual([new Float32Array(4), 0]);
    expect(vectors[8]).toBeCloseTo(Math.SQRT1_2, 6); // of a: [1, 0, 0, 1]
    const sizes = server.requests.slice(1).map(({ input }) => input.length);
    expect(sizes.filter((size) => size === 4).length).toBeGreaterThanOrEqual(7); // of 32 texts
  });

  test.each([
    [413, "batch too big"],
    [400, "This model's maximum context length is 8192 tokens"],
    [500, "input is too large to process. increase the physical batch size"],
    [500, "the input length exceeds the context length"],
    [422, "inputs must have less than 512 tokens: sequence length too long"],
  ])(
    "a text too large for the server (%i, %s) is cut as too long ones are",
    async (status, message) => {
      const server = await serve({
        fault: ({ body }) =>
          body.input.some((text) => text.length > 45) ? { status, message } : null,
      });
      const encoder = await open(server);
      const large = ["a", "b", "b", "c"].map((letter) => letter.repeat(40)).join(" ");
      const { vectors, chunks, truncated, calls } = await encoder.encode(["a", large]);
      expect([chunks[1], truncated[1], calls?.[1]?.refusal]).toEqual([4, 0, null]);
      // Its pieces are [40, 0, 0, 1], [0, 40, 0, 1] twice and [0, 0, 40, 1].
      const mean = [10, 20, 10, 1].map((value) => value / Math.sqrt(100 + 400 + 100 + 1));
      mean.forEach((value, i) => {
        expect(vectors[4 + i]).toBeCloseTo(value, 6);
      });

      const first = await open(server, { overlong: "first" });
      const cut = await first.encode([large]);
      expect([cut.chunks[0], cut.truncated[0]]).toEqual([1, 31]); // 81 characters are 21 tokens, 40 are 10
      const strict = await open(server, { overlong: "error" });
      await expect(
        strict.encode(["a", large], { nameText: (place) => `user ${place}` }),
      ).rejects.toThrow(/^user 1: the text is too large for the server: .*encode\.overlong/);
    },
  );

  test("a server that encodes nothing is told from a bad text", async () => {
    const none = await serve({ fault: () => ({ status: 400, message: "no such thing" }) });
    const texts = Array.from({ length: 40 }, (_, n) => "a".repeat(n + 1));
    const limits = { attempts: 1, downAfterS: 1, timeoutS: 5, inFlight: 4 };
    const encoder = await open(none, { remote: { textsPerRequest: 1, limits } });
    await expect(encoder.encode(texts, { nameText: (n) => `item ${n}` })).rejects.toMatchObject({
      code: "INPUT_INVALID",
      message: expect.stringMatching(
        /^m encoded none of 20 texts; item \d+: the server answered 400: no such thing\. Check encode\.encoder/,
      ) as string,
    });
    expect(none.requests.length).toBeLessThan(30);

    const tiny = await serve({ fault: () => ({ status: 413, message: "too large" }) });
    const { calls } = await (await open(tiny)).encode(["b ".repeat(100)]);
    expect(calls?.[0]?.refusal?.reason).toBe("the server answered 413: too large");
  });

  test("a few texts without a vector are no verdict on the server, nor many where others have one", async () => {
    const server = await serve({
      fault: ({ body }) =>
        body.input.some((text) => text.startsWith("no")) ? { status: 422 } : null,
    });
    const refusedOf = async (encoder: Encoder, texts: readonly string[]): Promise<number> => {
      const { calls = [] } = await encoder.encode(texts);
      return calls.filter(({ refusal }) => refusal !== null).length;
    };
    const none = Array.from({ length: 30 }, (_, n) => `no ${n}`);
    const limits = { remote: { textsPerRequest: 4 } };
    expect(await refusedOf(await open(server, limits), none.slice(0, 7))).toBe(7);
    expect(await refusedOf(await open(server, limits), ["a"])).toBe(0);
    // Alone on a rerun: what has a vector is not asked for again.
    const seen = server.requests.length;
    expect(await refusedOf(await open(server, limits), ["a", ...none])).toBe(30);
    expect(server.requests.slice(seen).flatMap(({ input }) => input)).not.toContain("a");
  });

  test("tells of refusals and further attempts as they happen", async () => {
    const server = await serve({
      fault: ({ n, body }) =>
        n === 0 ? { status: 503 } : body.input.includes("bad") ? { status: 400 } : null,
    });
    const limits = { attempts: 3, downAfterS: 5, timeoutS: 5 };
    const encoder = await open(server, { remote: { textsPerRequest: 1, limits } });
    const told = { refused: 0, retries: 0 };
    const { calls = [] } = await encoder.encode(["aaaa", "bad", "b"], {
      onTrouble: ({ refused, retries }) => {
        told.refused += refused;
        told.retries += retries;
      },
    });
    expect(told).toEqual({ refused: 1, retries: 1 });
    expect(calls.map(({ attempts }) => attempts)).toEqual([2, 1, 1]);
  });

  test("sends a text of more tokens than the model reads in pieces, whose mean is its vector", async () => {
    const server = await serve();
    // 4 characters a token, 2 of 6 tokens for special ones: 16 characters a piece, cut between words
    const text = "aaaa aaaa bbbb bbbb cccc";
    const encoder = await open(server, { maxTokens: 6 });
    const { vectors, tokens, chunks, truncated } = await encoder.encode([text]);
    expect(server.requests.map(({ input }) => input)).toEqual([["aaaa aaaa bbbb", "bbbb cccc"]]);
    const mean = [8, 8, 4, 2].map((value) => value / Math.sqrt(64 + 64 + 16 + 4));
    mean.forEach((value, i) => {
      expect(vectors[i]).toBeCloseTo(value, 6);
    });
    expect([tokens[0], chunks[0], truncated[0]]).toEqual([6 + 5, 2, 0]);
  });

  test("reads a text up to the limit of characters, and counts the rest", async () => {
    const server = await serve();
    const encoder = await open(server, { maxCharacters: 40 });
    const { vectors, tokens, truncated } = await encoder.encode(["a".repeat(400)]);
    expect(server.requests.map(({ input }) => input)).toEqual([["a".repeat(40)]]);
    expect(vectors[0]).toBeCloseTo(40 / Math.sqrt(1601), 6);
    expect([truncated[0], tokens[0]]).toEqual([90, 102]); // 10 tokens estimated, and 12 counted
    const strict = await open(server, { maxCharacters: 40, overlong: "error" });
    await expect(strict.encode(["a".repeat(41)])).rejects.toThrow(
      /^text 0: the text has 41 characters, of which 40 are read/,
    );
  });

  test("cuts a long text without spaces into pieces, counting each character a few times only", () => {
    const text = "ab".repeat(4000);
    let counted = 0;
    const counter = {
      method: "exact" as const,
      count: (part: string) => {
        counted += part.length;
        return part.length;
      },
    };
    const room = { tokens: 50, overlong: "chunks" as const, maxCharacters: 10_000, counter };
    const { pieces } = cutText(text, room, () => "text");
    expect(pieces).toHaveLength(160);
    expect(pieces.join("")).toBe(text);
    expect(counted).toBeLessThan(40 * text.length);
  });

  test("counts what the first chunk alone leaves out", async () => {
    const server = await serve();
    const encoder = await open(server, { maxTokens: 6, overlong: "first" });
    const { chunks, truncated } = await encoder.encode(["aaaa aaaa bbbb bbbb cccc"]);
    expect(server.requests.map(({ input }) => input)).toEqual([["aaaa aaaa bbbb"]]);
    expect([chunks[0], truncated[0]]).toEqual([1, 2]); // 6 tokens estimated, 4 sent
  });

  test("refuses a text that is too long where that is an error, and one that is empty", async () => {
    const encoder = await open(await serve(), { maxTokens: 6, overlong: "error" });
    await expect(encoder.encode(["aaaa aaaa bbbb bbbb"])).rejects.toThrow(
      "text 0: the text has 5 tokens, of which 4 are read",
    );
    await expect(encoder.encode(["a", " "])).rejects.toThrow("text 1: the text is empty");
  });

  test("puts the prefix before every text", async () => {
    const server = await serve();
    await (await open(server, { prefix: "query: " })).encode(["a"]);
    expect(server.requests.map(({ input }) => input)).toEqual([["query: a"]]);
  });

  test("tells a server that cuts texts off, when it can count tokens", async () => {
    const server = await serve({
      fault: () => ({ body: (right) => ({ ...right, usage: { prompt_tokens: 3 } }) }),
    });
    const encoder = await open(server, { remote: { tokenizer: await letterTokenizer() } });
    await expect(encoder.encode(["aabb"])).rejects.toMatchObject({
      code: "INPUT_INVALID",
      message: expect.stringMatching(
        /read 3 tokens of texts that have 4: .*encode.maxTokens/,
      ) as string,
    });
  });

  test("a vector of zeros is its text's error, unless vectors stay as they are", async () => {
    const server = await serve({ vector: (text) => (text === "z" ? [0, 0] : [3, 4]) });
    const { vectors, calls = [] } = await (await open(server)).encode(["a", "z"]);
    expect([...vectors].map((value) => value.toFixed(1))).toEqual(["0.6", "0.8", "0.0", "0.0"]);
    expect(calls.map(({ refusal }) => refusal)).toEqual([
      null,
      {
        status: "failed",
        reason: "the server gave a vector of zeros, which has no direction",
        attempts: 1,
      },
    ]);
    await (await open(server)).encode(["a", "z"]);
    expect(server.answeredPerText).toEqual(
      new Map([
        ["a", 1],
        ["z", 2],
      ]),
    );
    const plain = await (await open(server, { normalize: false })).encode(["z"]);
    expect(plain.calls?.[0]?.refusal).toBeNull();
  });

  test("tells another model of the same name by its width", async () => {
    const wide = await serve();
    await (await open(wide)).encode(["a"]);
    const narrow = await serve({ vector: () => [1, 2] });
    await expect((await open(narrow)).encode(["a", "b"])).rejects.toMatchObject({
      code: "INPUT_INVALID",
      message: expect.stringMatching(
        /^text 1: encoder m gave a vector of 2 numbers, others have 4/,
      ) as string,
    });
  });

  test("has a hash of what is asked for and made of it, wherever it is asked", async () => {
    const here = { url: "http://127.0.0.1:1/v1" };
    const hashOf = async (
      server: typeof here,
      settings: Record<string, unknown> = {},
    ): Promise<string> => (await open(server, settings)).hash;
    const hashes = [
      await hashOf(here),
      await hashOf(here, { normalize: false }),
      await hashOf(here, { prefix: "query: " }),
      await hashOf(here, { maxTokens: 8 }),
      await hashOf(here, { remote: { dimensions: 2 } }),
      await hashOf(here, { remote: { extra: { input_type: "query" } } }),
    ];
    expect(new Set(hashes).size).toBe(hashes.length);
    const same = { overlong: "first", remote: { textsPerRequest: 3, encodingFormat: "float" } };
    expect(await hashOf({ url: "http://127.0.0.1:2/v1" }, same)).toBe(hashes[0]);
  });
});

/** A tokenizer of single letters. */
async function letterTokenizer(): Promise<string> {
  const file = path.join(runDir, "tokenizer.json");
  const model = {
    type: "Unigram",
    unk_id: 0,
    vocab: [
      ["?", -9],
      ["a", -1],
      ["b", -1],
    ],
  };
  const none = { normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null };
  await writeFile(file, JSON.stringify({ added_tokens: [], ...none, model }));
  return file;
}
