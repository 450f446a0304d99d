import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openEncoder, type Encoder } from "../../../src/encode/model/encoder.ts";
import { writeTinyEncoder } from "../tiny-encoder.ts";

let root: string;
let encoder: Encoder;

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), "r4ec-tiny-"));
  await writeTinyEncoder(path.join(root, "tiny"));
  encoder = await openEncoder({ folder: path.join(root, "tiny"), threads: 1 });
});

afterAll(async () => {
  await encoder.close();
  await rm(root, { recursive: true, force: true });
});

const rowsOf = (vectors: Float32Array): number[][] =>
  Array.from({ length: vectors.length / 2 }, (_, row) =>
    [...vectors.subarray(row * 2, row * 2 + 2)].map((value) => Math.round(value * 1e5) / 1e5),
  );

describe("openEncoder", () => {
  test("scales vectors to unit length and keeps the order of the texts", async () => {
    const { vectors } = await encoder.encode(["b", "ab", "aa", "A"]);
    expect(rowsOf(vectors)).toEqual([
      [0, 1],
      [0.6, 0.8],
      [1, 0],
      [1, 0],
    ]);
  });

  test("averages the chunks of a text that is longer than the model reads, and says how many", async () => {
    // ab | bb -> [3, 4] + [0, 8] = [3, 12] -> / sqrt(153)
    const { vectors, tokens, chunks } = await encoder.encode(["abbb", "a"]);
    expect(rowsOf(vectors)[0]).toEqual([0.24254, 0.97014]);
    expect([...tokens]).toEqual([4, 1]);
    expect([...chunks]).toEqual([2, 1]);
  });

  test("encodes equal texts once and gives each its vector", async () => {
    const done: number[] = [];
    const { vectors } = await encoder.encode(["a", "b", "a", "a"], {
      batchTokens: 1,
      onProgress: (textsDone) => done.push(textsDone),
    });
    expect(rowsOf(vectors)).toEqual([
      [1, 0],
      [0, 1],
      [1, 0],
      [1, 0],
    ]);
    expect(done).toEqual([3, 4]); // two batches of one sequence
  });

  test("gives no vectors for no texts", async () => {
    const { vectors, tokens, chunks } = await encoder.encode([]);
    expect([vectors.length, tokens.length, chunks.length]).toEqual([0, 0, 0]);
  });

  test.each(["", "  ", "\n"])("refuses the empty text %j, naming it", async (text) => {
    await expect(encoder.encode(["a", text])).rejects.toMatchObject({
      code: "INPUT_INVALID",
      message: "text 1: the text is empty",
    });
  });

  test("refuses a vector that is not finite, naming the text as the caller does", async () => {
    const nameText = (position: number) => `user ${70 + position}`;
    await expect(encoder.encode(["a", "bc"], { nameText })).rejects.toMatchObject({
      code: "INPUT_INVALID",
      message: "user 71: encoder tiny gave no finite vector",
    });
  });

  test("stops between batches when asked to", async () => {
    const controller = new AbortController();
    const stop = new Error("stop");
    const run = encoder.encode(["a", "b", "ab"], {
      batchTokens: 1,
      signal: controller.signal,
      onProgress: () => {
        controller.abort(stop);
      },
    });
    await expect(run).rejects.toBe(stop);
  });

  test.each([
    ["config.json", "{}", /config\.json: /],
    ["config.json", "not json", /config\.json: not a readable JSON file/],
    ["tokenizer.json", "[]", /tokenizer\.json: not a tokenizer/],
    ["model.onnx", "not a model", /model\.onnx: cannot load the model/],
  ])("names %s when it holds %j", async (file, content, message) => {
    const folder = path.join(root, "broken");
    await writeTinyEncoder(folder);
    await writeFile(path.join(folder, file), content);
    const opened = openEncoder({ folder, threads: 1 });
    await expect(opened).rejects.toMatchObject({ name: "FlowError", code: "INPUT_INVALID" });
    await expect(opened).rejects.toThrow(message);
  });

  test("names the missing folder", async () => {
    const folder = path.join(root, "nowhere");
    await expect(openEncoder({ folder, threads: 1 })).rejects.toThrow(folder);
  });
});
