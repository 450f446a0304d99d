import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { elements } from "../../../src/base/element-count.ts";
import { FlowError } from "../../../src/base/errors.ts";
import { mergeLinear } from "../../../src/finetune/adapter/merge-linear.ts";
import { writeMergedFolder } from "../../../src/finetune/adapter/write-merged-folder.ts";
import { linearNames, linearShapes } from "../../../src/finetune/decoder/decoder-config.ts";
import type { DecoderConfig } from "../../../src/finetune/decoder/decoder-config.ts";
import type { TensorSource } from "../../../src/finetune/weights/tensor-source.ts";
import { decodeSafetensors } from "../../../src/optim/safetensors.ts";
import { scratchFolder } from "../../util/scratch-folder.ts";
import { tinyAdapter, tinyConfig } from "./tiny-adapter.ts";

/** Every number of a tensor is the length of its name. */
function constantWeights(config: DecoderConfig, missing?: string): TensorSource {
  const linear = linearShapes(config);
  const shapeOf = (name: string): readonly number[] | undefined => {
    if (name === missing) return undefined;
    if (/embed|lm_head/.test(name)) return [config.vocabulary, config.hidden];
    const found = linearNames.find((one) => name.endsWith(`${one}.weight`));
    return found === undefined ? [config.hidden] : linear[found];
  };
  return {
    shapeOf,
    read: (name) =>
      Promise.resolve(new Float32Array(elements(shapeOf(name) ?? [])).fill(name.length)),
    close: () => Promise.resolve(),
  };
}

describe("mergeLinear", () => {
  test("adds alpha / rank times B A", () => {
    const weight = Float32Array.of(10, 20, 30, 40);
    // B A = [[1, 3], [2, 4]] with rank 2: columns of B are [1, 2] and [3, 4], rows of A the unit vectors
    const matrices = { a: Float32Array.of(1, 0, 0, 1), b: Float32Array.of(1, 3, 2, 4) };
    mergeLinear(weight, matrices, { rank: 2, alpha: 4 });
    expect(Array.from(weight)).toEqual([12, 26, 34, 48]);
  });
});

describe("writeMergedFolder", () => {
  const config = tinyConfig();
  const adapter = tinyAdapter(config, ["self_attn.v_proj"]);
  const options = { adapter, weights: constantWeights(config), base: "none.gguf" };

  test("writes all tensors, merged where adapted, with a configuration for a base without one", async () => {
    const folder = join(await scratchFolder(), "merged");
    await writeMergedFolder(folder, options);
    expect((await readdir(folder)).sort()).toEqual(["config.json", "model.safetensors"]);
    const { tensors } = decodeSafetensors(await readFile(join(folder, "model.safetensors")), "x");
    expect(tensors.map(({ name }) => name)).toHaveLength(1 + 2 * 9 + 1);
    const untouched = tensors.find(({ name }) => name === "model.layers.1.mlp.up_proj.weight");
    expect(untouched?.values).toEqual(new Float32Array(12 * 8).fill(33));
    const merged = tensors.find(({ name }) => name === "model.layers.0.self_attn.v_proj.weight");
    const [{ a, b }] = [adapter.matrices[0] ?? { a: [], b: [] }];
    const change = 2 * ((b[0] ?? 0) * (a[3] ?? 0) + (b[1] ?? 0) * (a[8 + 3] ?? 0));
    expect(merged?.values[3]).toBeCloseTo(38 + change, 5);
    expect(JSON.parse(await readFile(join(folder, "config.json"), "utf8"))).toMatchObject({
      architectures: ["LlamaForCausalLM"],
      model_type: "llama",
      num_key_value_heads: 1,
      torch_dtype: "float32",
    });
  });

  test("takes configuration and tokenizer of a base folder, and says the new type of number", async () => {
    const root = await scratchFolder();
    const base = join(root, "base");
    await mkdir(base);
    await writeFile(
      join(base, "config.json"),
      '{"model_type":"llama","torch_dtype":"float16","x":1}',
    );
    await writeFile(join(base, "tokenizer.json"), "{}");
    await writeFile(join(base, "secret.txt"), "");
    const folder = join(root, "merged");
    await writeMergedFolder(folder, { ...options, base, dtype: "BF16" });
    expect((await readdir(folder)).sort()).toEqual([
      ...["config.json", "model.safetensors", "tokenizer.json"],
    ]);
    expect(JSON.parse(await readFile(join(folder, "config.json"), "utf8"))).toEqual({
      ...{ model_type: "llama", torch_dtype: "bfloat16", x: 1 },
    });
  });

  test("writes bfloat16 in half the bytes", async () => {
    const root = await scratchFolder();
    await writeMergedFolder(join(root, "whole"), options);
    await writeMergedFolder(join(root, "half"), { ...options, dtype: "BF16" });
    const numbers = async (name: string): Promise<Buffer> => {
      const file = await readFile(join(root, name, "model.safetensors"));
      return file.subarray(8 + Number(file.readBigUInt64LE()));
    };
    const [whole, half] = [await numbers("whole"), await numbers("half")];
    expect(half.length).toBe(whole.length / 2);
    expect(half.readUInt16LE()).toBe(0x41c8); // 25, the length of "model.embed_tokens.weight"
  });

  test("cuts into numbered files of at most so many bytes, with an index", async () => {
    const folder = join(await scratchFolder(), "merged");
    await writeMergedFolder(folder, { ...options, mostBytes: 2048 });
    const names = (await readdir(folder)).sort();
    const shards = names.filter((name) => /^model-0000\d-of-0000\d\.safetensors$/.test(name));
    expect(shards.length).toBeGreaterThan(1);
    const index = JSON.parse(
      await readFile(join(folder, "model.safetensors.index.json"), "utf8"),
    ) as { weight_map: Record<string, string>; metadata: { total_size: number } };
    let bytes = 0;
    for (const shard of shards) {
      const { tensors } = decodeSafetensors(await readFile(join(folder, shard)), shard);
      const size = tensors.reduce((sum, { values }) => sum + values.byteLength, 0);
      expect(size).toBeLessThanOrEqual(2048);
      bytes += size;
      for (const { name } of tensors) expect(index.weight_map[name]).toBe(shard);
    }
    expect(index.metadata.total_size).toBe(bytes);
  });

  test("refuses a folder that holds something, and leaves it", async () => {
    const folder = await scratchFolder();
    await writeFile(join(folder, "mine"), "");
    const written = writeMergedFolder(folder, options);
    await expect(written).rejects.toMatchObject({ code: "OUTPUT_FAILED" });
    await expect(written).rejects.toThrow(/holds something already/);
    expect(await readdir(folder)).toEqual(["mine"]);
  });

  test("leaves nothing where a tensor is missing or cannot be read", async () => {
    const root = await scratchFolder();
    const name = "model.layers.1.mlp.up_proj.weight";
    const missing = { ...options, weights: constantWeights(config, name) };
    await expect(writeMergedFolder(join(root, "a"), missing)).rejects.toThrow(
      `none.gguf: the tensor ${name} is missing`,
    );
    const torn = new FlowError("INPUT_INVALID", "cut off");
    const weights = { ...options.weights, read: () => Promise.reject(torn) };
    await expect(writeMergedFolder(join(root, "b"), { ...options, weights })).rejects.toBe(torn);
    expect(await readdir(root)).toEqual([]);
  });
});
