import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { decoded } from "../../../src/llm/openai/decoded.ts";

const plain = Buffer.from("tête 🎬 ".repeat(50));

describe("decoded", () => {
  test.each([
    [undefined, plain],
    ["identity", plain],
    ["gzip", gzipSync(plain)],
    ["GZIP", gzipSync(plain)],
    ["x-gzip", gzipSync(plain)],
    ["deflate", deflateSync(plain)],
    ["br", brotliCompressSync(plain)],
    ["deflate, gzip", gzipSync(deflateSync(plain))],
    [["br", "gzip"], gzipSync(brotliCompressSync(plain))],
  ])("%s", (encoding, bytes) => {
    expect(decoded(bytes, encoding, 1e6).equals(plain)).toBe(true);
  });

  test("refuses another one, a damaged body, and one that grows too large", () => {
    expect(() => decoded(plain, "zip", 1e6)).toThrow("content-encoding zip, which was not asked");
    expect(() => decoded(plain, "gzip", 1e6)).toThrow("incorrect header check");
    expect(() => decoded(gzipSync(Buffer.alloc(2000)), "gzip", 1000)).toThrow();
  });
});
