/**
 * @file all-MiniLM-L6-v2 against sentence-transformers' own vectors. `R4EC_MINILM` names a folder of it as published, with
 * `model.safetensors`; `R4EC_MINILM_INT8` a file of the same model with 8-bit weights, in ONNX.
 */
import { copyFile, cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { EncoderSource } from "../../../src/encode/model/describe-encoder.ts";
import { openEncoder } from "../../../src/encode/model/encoder.ts";
import { readMiniLm, writeOnnx } from "./folders.ts";

const published = process.env["R4EC_MINILM"];
const int8 = process.env["R4EC_MINILM_INT8"];
let folder: string;

if (published === undefined || int8 === undefined) {
  test.skip("no real encoder here: set R4EC_MINILM and R4EC_MINILM_INT8", () => undefined);
} else {
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "r4ec-minilm-"));
    await cp(published, folder, { recursive: true });
    await writeOnnx(folder);
    await copyFile(int8, path.join(folder, "onnx", "model_int8.onnx"));
  }, 120_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  describe("all-MiniLM-L6-v2", () => {
    const cosines = async (
      pooling: "mean" | "cls",
      source: Partial<EncoderSource>,
    ): Promise<readonly number[]> => {
      const { texts, vectors } = await readMiniLm();
      const encoder = await openEncoder({ folder, threads: 2, ...source });
      const encoded = await encoder.encode(texts);
      await encoder.close();
      return vectors[pooling].map((expected, text) =>
        expected.reduce((sum, value, i) => sum + value * (encoded.vectors[text * 384 + i] ?? 0), 0),
      );
    };

    test("as published: the mean over tokens of unit length", async () => {
      for (const cosine of await cosines("mean", {})) expect(cosine).toBeCloseTo(1, 5);
    });

    test("by its first token", async () => {
      const source = { overrides: { pooling: "cls" } } as const;
      for (const cosine of await cosines("cls", source)) expect(cosine).toBeCloseTo(1, 5);
      for (const cosine of await cosines("mean", source)) expect(cosine).toBeLessThan(0.99);
    });

    test("with 8-bit weights, another project's file or one made here", async () => {
      for (const cosine of await cosines("mean", { precision: "int8" })) {
        expect(cosine).toBeGreaterThan(0.95);
      }
      await rm(path.join(folder, "onnx", "model_int8.onnx"));
      for (const cosine of await cosines("mean", { precision: "int8" })) {
        expect(cosine).toBeGreaterThan(0.95);
      }
    });
  });
}
