import { describe, expect, test } from "vitest";
import { cachedEncoder } from "../../../src/encode/cache/cached-encoder.ts";
import type { Encoder } from "../../../src/encode/model/encoder.ts";
import { openVectorCache, vectorKey } from "../../../src/encode/cache/vector-cache.ts";
import { scratchFolder } from "../../util/scratch-folder.ts";

/** An encoder whose vector is a text's length and whether it is the word "stop", and that writes down what it encodes. */
function countingEncoder(hash = "h") {
  const encoded: string[] = [];
  const encoder: Encoder = {
    ...{ name: "counting", hash, dimension: 2 },
    encode: (texts, { nameText = String, onProgress } = {}) => {
      const bad = texts.indexOf("bad");
      if (bad >= 0) return Promise.reject(new Error(`${nameText(bad)} is bad`));
      encoded.push(...texts);
      onProgress?.(texts.length);
      return Promise.resolve({
        vectors: Float32Array.from(texts.flatMap((text) => [text.length, text === "stop" ? 1 : 0])),
        tokens: Int32Array.from(texts, (text) => text.length),
        chunks: Int32Array.from(texts, () => 1),
        truncated: Int32Array.from(texts, (text) => (text.length > 3 ? 1 : 0)),
      });
    },
    close: () => Promise.resolve(),
  };
  return { encoder, encoded };
}

describe("cachedEncoder", () => {
  test("encodes a text once, in this session or another; a changed one alone", async () => {
    const dir = await scratchFolder();
    const { encoder, encoded } = countingEncoder();
    const first = cachedEncoder(encoder, await openVectorCache(dir));
    await first.encode(["one", "stop", "one"]);
    await first.encode(["stop"]);
    await first.close();
    expect(encoded).toEqual(["stop", "one"]); // the longest first

    const next = cachedEncoder(encoder, await openVectorCache(dir));
    expect(await next.encode(["stop", "two", "one", "stop"])).toEqual({
      vectors: Float32Array.of(4, 1, 3, 0, 3, 0, 4, 1),
      tokens: Int32Array.of(4, 3, 3, 4),
      chunks: Int32Array.of(1, 1, 1, 1),
      truncated: Int32Array.of(1, 0, 0, 1),
    });
    await next.close();
    expect(encoded).toEqual(["stop", "one", "two"]);
  });

  test("groups texts after a kill as it had before, from wherever it ended", async () => {
    // Its vectors tell the group they were encoded in.
    const groups: (readonly string[])[] = [];
    const grouping: Encoder = {
      name: "grouping",
      hash: "0",
      dimension: 1,
      encode: (texts) => {
        groups.push(texts);
        const of = (value: number): Int32Array => Int32Array.from(texts, () => value);
        return Promise.resolve({
          vectors: Float32Array.from(texts, () => texts.join().length % 9973),
          ...{ tokens: of(1), chunks: of(1), truncated: of(0) },
        });
      },
      close: () => Promise.resolve(),
    };
    const texts = Array.from({ length: 1300 }, (_, n) => `${"x".repeat((n * 37) % 600)} ${n}`);
    const order = texts.toSorted((a, b) => b.length - a.length);
    const whole = cachedEncoder(grouping, await openVectorCache(await scratchFolder()));
    const { vectors } = await whole.encode(texts);
    await whole.close();
    expect(groups.map(({ length }) => length)).toEqual([512, 512, 276]);

    for (const kept of [0, 1, 511, 512, 700, 1299]) {
      const cache = await openVectorCache(await scratchFolder());
      for (const text of order.slice(0, kept)) {
        const vector = vectors.slice(texts.indexOf(text), texts.indexOf(text) + 1);
        const key = vectorKey("0", text);
        await cache.put({ key, vector, tokens: 1, chunks: 1, truncated: 0, cost: null });
      }
      const resumed = cachedEncoder(grouping, cache);
      const progress: number[] = [];
      const again = await resumed.encode(texts, { onProgress: (done) => progress.push(done) });
      expect(again.vectors).toEqual(vectors);
      expect(progress.at(-1)).toBe(1300);
      await resumed.close();
    }
  });

  test("shares nothing with an encoder of another hash", async () => {
    const dir = await scratchFolder();
    const one = countingEncoder("1");
    const other = countingEncoder("2");
    for (const { encoder } of [one, other]) {
      const cached = cachedEncoder(encoder, await openVectorCache(dir));
      await cached.encode(["text"]);
      await cached.close();
    }
    expect([one.encoded, other.encoded]).toEqual([["text"], ["text"]]);
  });

  test("keeps what was encoded before a failure, and names the text as its place among all", async () => {
    const dir = await scratchFolder();
    const { encoder, encoded } = countingEncoder();
    const cached = cachedEncoder(encoder, await openVectorCache(dir));
    const many = Array.from({ length: 512 }, (_, n) => `text ${n}`);
    const asked = cached.encode([...many, "bad"], { nameText: (place) => `row ${place}` });
    await expect(asked).rejects.toThrow("row 512 is bad");
    const done: number[] = [];
    await cached.encode(many, { onProgress: (texts) => done.push(texts) });
    expect(encoded).toHaveLength(512);
    expect(done).toEqual([512]);
    await cached.close();
  });
});
