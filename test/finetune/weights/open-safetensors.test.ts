import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openSafetensors } from "../../../src/finetune/weights/open-safetensors.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "r4ec-weights-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

type Entry = readonly [dtype: string, shape: readonly number[], bytes: Uint8Array];

function fileOf(tensors: Readonly<Record<string, Entry>>): Buffer {
  let at = 0;
  const entries = Object.entries(tensors).map(([name, [dtype, shape, bytes]]) => {
    at += bytes.length;
    return [name, { dtype, shape, data_offsets: [at - bytes.length, at] }];
  });
  const json = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, ...Object.values(tensors).map(([, , bytes]) => bytes)]);
}

const bytesOf = (numbers: Float32Array | Uint16Array): Uint8Array => new Uint8Array(numbers.buffer);
const one: Entry = ["F32", [2, 1], bytesOf(Float32Array.of(1.5, -2))];
const two: Entry = ["BF16", [2], bytesOf(Uint16Array.of(0x3f80, 0xc040))];
const three: Entry = ["F16", [1], bytesOf(Uint16Array.of(0x3c00))];
const put = (name: string, content: Buffer | string): Promise<void> =>
  writeFile(path.join(folder, name), content);
const putIndex = (weight_map: object): Promise<void> =>
  put("model.safetensors.index.json", JSON.stringify({ weight_map }));

describe("openSafetensors", () => {
  test("reads float32, float16 and bfloat16 from one file", async () => {
    await put("model.safetensors", fileOf({ one, two, three }));
    const weights = await openSafetensors(folder);
    expect(weights.shapeOf("one")).toEqual([2, 1]);
    expect(weights.shapeOf("none")).toBeUndefined();
    expect([...(await weights.read("three"))]).toEqual([1]);
    expect([...(await weights.read("one"))]).toEqual([1.5, -2]);
    expect([...(await weights.read("two"))]).toEqual([1, -3]);
    await expect(weights.read("none")).rejects.toThrow(`${folder}: there is no tensor "none"`);
    await weights.close();
  });

  test("reads shards, as the index says", async () => {
    await put("model-1.safetensors", fileOf({ one }));
    await put("model-2.safetensors", fileOf({ two, three }));
    await putIndex({ one: "model-1.safetensors", two: "model-2.safetensors" });
    const weights = await openSafetensors(folder);
    expect([...(await weights.read("two"))]).toEqual([1, -3]);
    expect([...(await weights.read("one"))]).toEqual([1.5, -2]);
    await weights.close();
  });

  test("reads tensors of more bytes than it reads at a time", async () => {
    const numbers = Float32Array.from({ length: 2_100_000 }, (_, index) => index);
    await put(
      "model.safetensors",
      fileOf({ one, large: ["F32", [numbers.length], bytesOf(numbers)] }),
    );
    const weights = await openSafetensors(folder);
    const read = await weights.read("large");
    expect(Buffer.compare(Buffer.from(read.buffer), Buffer.from(numbers.buffer))).toBe(0);
    await weights.close();
  });

  test.each<[string, () => Promise<void>, RegExp]>([
    [
      "a folder without weights",
      () => Promise.resolve(),
      /model\.safetensors: cannot be opened .* Weights are in model\.safetensors, or/,
    ],
    ["an empty file", () => put("model.safetensors", ""), /model\.safetensors: .*: 0 bytes/],
    [
      "a header beyond the end",
      () => put("model.safetensors", fileOf({ one }).subarray(0, 30)),
      /the header ends after the file \(30 bytes\)/,
    ],
    [
      "numbers that are cut off",
      () => put("model.safetensors", fileOf({ one }).subarray(0, -4)),
      /model\.safetensors: .*"one" is at bytes 0 to 8 of 4/,
    ],
    [
      "another type",
      () => put("model.safetensors", fileOf({ one: ["F8_E4M3", [1], new Uint8Array(1)] })),
      /"one" is not a tensor of F32, F16, BF16/,
    ],
    [
      "an index that is none",
      () => put("model.safetensors.index.json", "{}"),
      /model\.safetensors\.index\.json: not an index of weights/,
    ],
    [
      "an index that leads elsewhere",
      () => putIndex({ one: "../model.safetensors" }),
      /not an index of weights/,
    ],
    [
      "a shard without a tensor that the index says it has",
      async () => {
        await put("model-1.safetensors", fileOf({ one }));
        await putIndex({ one: "model-1.safetensors", two: "model-1.safetensors" });
      },
      /model-1\.safetensors: has no tensor "two", which model\.safetensors\.index\.json says/,
    ],
    [
      "a shard that is not there",
      () => putIndex({ one: "model-1.safetensors" }),
      /model-1\.safetensors: cannot be opened/,
    ],
  ])("refuses %s", async (_, make, message) => {
    await make();
    await expect(openSafetensors(folder)).rejects.toThrow(
      expect.objectContaining({
        code: "INPUT_INVALID",
        message: expect.stringMatching(message) as string,
      }),
    );
  });
});
