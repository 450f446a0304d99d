import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  encodeGgufAdapter,
  writeGgufAdapter,
} from "../../../src/finetune/adapter/write-gguf-adapter.ts";
import { scratchFolder } from "../../util/scratch-folder.ts";
import { tinyAdapter, tinyConfig } from "./tiny-adapter.ts";

describe("writeGgufAdapter", () => {
  test("says of which architecture and kind the adapter is, and names its tensors as llama.cpp does", async () => {
    const path = join(await scratchFolder(), "sub", "adapter.gguf");
    await writeGgufAdapter(path, tinyAdapter());
    const text = await readFile(path, "latin1");
    expect(text.startsWith("GGUF")).toBe(true);
    for (const word of [
      "general.architecture\x08\0\0\0\x05\0\0\0\0\0\0\0llama",
      "general.type\x08\0\0\0\x07\0\0\0\0\0\0\0adapter",
      "adapter.type\x08\0\0\0\x04\0\0\0\0\0\0\0lora",
      "adapter.lora.alpha\x06\0\0\0\0\0\x80\x40", // 4
      "blk.0.attn_q.weight.lora_a\x02\0\0\0\x08\0\0\0\0\0\0\0\x02", // 8 inputs, rank 2
      "blk.1.ffn_down.weight.lora_b\x02\0\0\0\x02\0\0\0\0\0\0\0\x08",
    ]) {
      expect(text).toContain(word);
    }
    expect(await readdir(join(path, ".."))).toEqual(["adapter.gguf"]);
  });

  test("moves the rows of B of queries and keys for llama, and of nothing for qwen2", () => {
    for (const [architecture, linear, isMoved] of [
      ["llama", "self_attn.q_proj", true],
      ["llama", "self_attn.k_proj", true],
      ["llama", "self_attn.v_proj", false],
      ["qwen2", "self_attn.q_proj", false],
      ["qwen3", "self_attn.k_proj", false],
    ] as const) {
      const adapter = tinyAdapter(tinyConfig(architecture), [linear]);
      const [{ a, b }] = [adapter.matrices[0] ?? { a: new Float32Array(), b: new Float32Array() }];
      const bytes = Buffer.from(encodeGgufAdapter(adapter));
      expect(bytes.includes(Buffer.from(a.buffer))).toBe(true);
      expect(bytes.includes(Buffer.from(b.buffer))).toBe(!isMoved);
      // row 2 of a head, the first of its second half, follows row 0
      const pair = Buffer.from(Float32Array.of(...b.slice(0, 2), ...b.slice(4, 6)).buffer);
      expect(bytes.includes(pair)).toBe(isMoved);
    }
  });
});
