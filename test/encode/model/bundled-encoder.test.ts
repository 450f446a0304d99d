import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { bundledEncoderFolder } from "../../../src/encode/model/bundled-encoder.ts";
import { openEncoder, type Encoder } from "../../../src/encode/model/encoder.ts";
import { openTokenizer, type TextTokenizer } from "../../../src/encode/text/text-tokenizer.ts";

const cut = z.array(z.object({ text: z.string(), ids: z.array(z.int()) }));
const goldenFile = new URL("../../golden/bundled-encoder.json", import.meta.url);
const golden = z
  .object({ dimension: z.int(), cases: cut, tokenOnly: cut, vectors: z.string() })
  .parse(JSON.parse(await readFile(goldenFile, "utf8")));
const bytes = Buffer.from(golden.vectors, "base64");
const expected = new Float32Array(
  bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength),
);
const texts = golden.cases.map(({ text }) => text);

let cacheDir: string;
let folder: string;
let encoder: Encoder;
let tokenize: TextTokenizer["tokenize"];

beforeAll(async () => {
  cacheDir = await mkdtemp(path.join(tmpdir(), "r4ec-encoder-"));
  folder = await bundledEncoderFolder(cacheDir);
  encoder = await openEncoder({ folder, threads: 1 });
  ({ tokenize } = await openTokenizer(path.join(folder, "tokenizer.json"), "unigram"));
});

afterAll(async () => {
  await encoder.close();
  await rm(cacheDir, { recursive: true, force: true });
});

const maxDifference = (a: Float32Array, b: Float32Array): number =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] ?? Number.NaN))), 0);

describe("the bundled encoder against its own package", () => {
  test.each([...golden.cases, ...golden.tokenOnly])(
    "cuts $text into the same tokens",
    ({ text, ids }) => {
      expect(tokenize(text)).toEqual(ids);
    },
  );

  test("gives the same vectors within 1e-5, whatever else is in the batch", async () => {
    const { vectors, tokens, chunks } = await encoder.encode(texts);
    expect(maxDifference(vectors, expected)).toBeLessThan(1e-5);
    expect([...tokens]).toEqual(golden.cases.map(({ ids }) => ids.length));
    expect([...chunks]).toEqual(texts.map(() => 1));
  });

  test("gives the same vectors one at a time", async () => {
    for (const [position, text] of texts.entries()) {
      const { vectors } = await encoder.encode([text]);
      const own = expected.subarray(position * golden.dimension, (position + 1) * golden.dimension);
      expect(maxDifference(vectors, own)).toBeLessThan(1e-5);
    }
  });
});

describe("bundledEncoderFolder", () => {
  test("says where it could not be stored", async () => {
    const file = path.join(cacheDir, "a-file");
    await writeFile(file, "");
    await expect(bundledEncoderFolder(file)).rejects.toMatchObject({ code: "OUTPUT_FAILED" });
    await expect(bundledEncoderFolder(file)).rejects.toThrow(file);
  });

  test("leaves one complete folder when several make it at once", async () => {
    const raced = path.join(cacheDir, "raced");
    const folders = await Promise.all([1, 2, 3].map(() => bundledEncoderFolder(raced)));
    expect(new Set(folders).size).toBe(1);
    expect(await readdir(path.join(raced, "encoders"))).toEqual([path.basename(folders[0] ?? "")]);
    expect((await readdir(folders[0] ?? "")).sort()).toEqual([
      "config.json",
      "model.onnx",
      "tokenizer.json",
    ]);
  });
});
