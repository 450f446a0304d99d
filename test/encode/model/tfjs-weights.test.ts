import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readTfjsWeights } from "../../../src/encode/model/tfjs-weights.ts";

let folder: string;

const weights = [
  { name: "scale", shape: [], dtype: "float32" },
  { name: "perm", shape: [2], dtype: "int32" },
];
const model = (specs: readonly object[]): string =>
  JSON.stringify({ weightsManifest: [{ paths: ["shard1", "shard2"], weights: specs }] });

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "r4ec-weights-"));
  const bytes = Buffer.concat([
    Buffer.from(Float32Array.of(0.5).buffer),
    Buffer.from(Int32Array.of(7, -1).buffer),
  ]);
  await writeFile(path.join(folder, "shard1"), bytes.subarray(0, 6)); // the cut falls within a weight
  await writeFile(path.join(folder, "shard2"), bytes.subarray(6));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe("readTfjsWeights", () => {
  test("cuts the joined shards into typed weights", async () => {
    await writeFile(path.join(folder, "model.json"), model(weights));
    expect(await readTfjsWeights(folder)).toEqual([
      { name: "scale", shape: [], data: Float32Array.of(0.5) },
      { name: "perm", shape: [2], data: Int32Array.of(7, -1) },
    ]);
  });

  test.each([
    [
      "shards that end early",
      model([...weights, { name: "more", shape: [9], dtype: "float32" }]),
      "the shards end within more",
    ],
    [
      "shards that hold more than the list",
      model(weights.slice(1)),
      "the shards hold 12 bytes, their list 8",
    ],
    [
      "quantized weights",
      model([{ ...weights[0], quantization: { dtype: "uint8" } }]),
      "quantization",
    ],
    [
      "a missing shard",
      JSON.stringify({ weightsManifest: [{ paths: ["none"], weights: [] }] }),
      "ENOENT",
    ],
  ])("refuses %s", async (_case, content, message) => {
    await writeFile(path.join(folder, "model.json"), content);
    await expect(readTfjsWeights(folder)).rejects.toMatchObject({ code: "DEPENDENCY_MISSING" });
    await expect(readTfjsWeights(folder)).rejects.toThrow(message);
  });
});
