import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ggufWeights } from "../../../src/finetune/weights/gguf-weights.ts";
import { openGguf, type GgufFile } from "../../../src/finetune/weights/open-gguf.ts";
import { floats, ggufBytes, texts, writeGguf, type GgufToWrite } from "./gguf-file.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "r4ec-gguf-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let made = 0;
const open = async (gguf: GgufToWrite): Promise<GgufFile> =>
  openGguf(await writeGguf(path.join(folder, `${++made}.gguf`), gguf));
const openBytes = async (bytes: Buffer): Promise<GgufFile> => {
  const file = path.join(folder, `${++made}.gguf`);
  await writeFile(file, bytes);
  return openGguf(file);
};
const matrix = floats("m", [2, 3], [1, 2, 3, 4, 5, 6]);

describe("openGguf", () => {
  test("reads every type of metadata", async () => {
    const { metadata, close } = await open({
      metadata: {
        u8: { type: "uint8", value: 200 },
        i8: { type: "int8", value: -3 },
        u16: { type: "uint16", value: 60000 },
        i16: { type: "int16", value: -300 },
        u32: { type: "uint32", value: 4_000_000_000 },
        i32: { type: "int32", value: -70_000 },
        f32: { type: "float32", value: 0.5 },
        yes: { type: "bool", value: true },
        text: { type: "string", value: "größer" },
        u64: { type: "uint64", value: 2n ** 40n },
        i64: { type: "int64", value: -(2n ** 40n) },
        f64: { type: "float64", value: 0.1 },
        list: texts(["a", "ß"]),
        flags: { type: "array", of: "bool", value: [true, false] },
      },
    });
    expect(Object.fromEntries(metadata)).toEqual({
      ...{ u8: 200, i8: -3, u16: 60000, i16: -300, u32: 4_000_000_000, i32: -70_000, f32: 0.5 },
      ...{ yes: true, text: "größer", u64: 2 ** 40, i64: -(2 ** 40), f64: 0.1 },
      ...{ list: ["a", "ß"], flags: [true, false] },
    });
    await close();
  });

  test("gives shapes outermost first, and rows in order, in versions 2 and 3", async () => {
    for (const version of [2, 3]) {
      const file = await open({ version, tensors: [matrix, floats("v", [2], [7, 8])] });
      expect(file.names).toEqual(["m", "v"]);
      expect(file.shapeOf("m")).toEqual([2, 3]);
      expect(file.shapeOf("none")).toBeUndefined();
      expect([...(await file.read("m"))]).toEqual([1, 2, 3, 4, 5, 6]);
      expect([...(await file.read("v"))]).toEqual([7, 8]);
      await file.close();
    }
  });

  test("reads a header and tensors of more bytes than it reads at a time", async () => {
    const long = "x".repeat(5_000_000);
    const numbers = Float32Array.from({ length: 1_500_000 }, (_, index) => index);
    const file = await open({
      metadata: { long: { type: "string", value: long } },
      tensors: [floats("t", [numbers.length], numbers)],
    });
    expect(file.metadata.get("long")).toBe(long);
    expect(
      Buffer.compare(Buffer.from((await file.read("t")).buffer), Buffer.from(numbers.buffer)),
    ).toBe(0);
    await file.close();
  });

  test("decodes half-precision, bfloat16 and quantised tensors", async () => {
    const halves = new Uint8Array(Uint16Array.of(0x3c00, 0xc000).buffer);
    const brain = new Uint8Array(Uint16Array.of(0x3f80, 0xc040).buffer);
    const block = new Uint8Array(34);
    block.set([0x00, 0x38, 1, 255]); // scale 0.5, numbers 1 and -1
    const file = await open({
      tensors: [
        { name: "f16", sizes: [2], type: 1, bytes: halves },
        { name: "bf16", sizes: [2], type: 30, bytes: brain },
        { name: "q8", sizes: [32], type: 8, bytes: block },
      ],
    });
    expect([...(await file.read("f16"))]).toEqual([1, -2]);
    expect([...(await file.read("bf16"))]).toEqual([1, -3]);
    expect([...(await file.read("q8"))].slice(0, 3)).toEqual([0.5, -0.5, 0]);
    await file.close();
  });

  test.each<[string, () => Promise<unknown>, RegExp]>([
    ["a file that is not there", () => openGguf("/nowhere/m.gguf"), /m\.gguf: cannot be opened/],
    ["another file", () => openBytes(Buffer.from("PK".repeat(20))), /it is not a GGUF file/],
    ["an empty file", () => openBytes(Buffer.alloc(0)), /the header ends after byte 0/],
    ["an old version", () => open({ version: 1 }), /GGUF version 1 cannot be read, only 2 and 3/],
    [
      "a header that is cut off",
      () => openBytes(ggufBytes({ tensors: [matrix] }).subarray(0, 40)),
      /the header ends after byte 40: the file is cut off or damaged, fetch it again/,
    ],
    [
      "numbers that are cut off",
      () => openBytes(ggufBytes({ tensors: [matrix] }).subarray(0, -32)),
      /tensor "m" is at bytes 0 to 24 of 0: the file is cut off/,
    ],
    [
      "tensors that overlap",
      () => open({ tensors: [matrix, floats("v", [2], [7, 8])], shift: () => 0 }),
      /tensor "v" is at bytes 0 to 8|tensor "m" is at bytes 0 to 24/,
    ],
    [
      "a type that cannot be read",
      () => open({ tensors: [{ name: "w", sizes: [256], type: 10, bytes: new Uint8Array(84) }] }),
      /tensor "w" is of type Q2_K, which cannot be read: take a file .* F32, F16, BF16, Q8_0, .* Q6_K/,
    ],
    [
      "a type that nobody knows",
      () => open({ tensors: [{ name: "w", sizes: [1], type: 99, bytes: new Uint8Array(4) }] }),
      /tensor "w" is of type number 99/,
    ],
    [
      "a value of a type that nobody knows",
      () => {
        const bytes = ggufBytes({ metadata: { key: { type: "uint8", value: 1 } } });
        bytes.writeUInt32LE(77, bytes.indexOf("key") + 3);
        return openBytes(bytes);
      },
      /key: a value of the unknown type 77/,
    ],
    [
      "too many dimensions",
      () => open({ tensors: [floats("w", [1, 1, 1, 1, 1], [1])] }),
      /tensor "w" has 5 dimensions/,
    ],
    [
      "rows that are not whole blocks",
      () => open({ tensors: [{ name: "w", sizes: [16, 2], type: 8, bytes: new Uint8Array(34) }] }),
      /tensor "w": its rows are not whole blocks/,
    ],
    [
      "an alignment of nothing",
      () => open({ metadata: { "general.alignment": { type: "uint32", value: 0 } } }),
      /general\.alignment is not a size/,
    ],
    [
      "a tensor that is not there",
      async () => {
        const file = await open({ tensors: [matrix] });
        await file.read("w").finally(() => file.close());
      },
      /\.gguf: tensor "w" is not there/,
    ],
  ])("refuses %s", async (_, attempt, message) => {
    await expect(attempt()).rejects.toThrow(
      expect.objectContaining({
        code: "INPUT_INVALID",
        message: expect.stringMatching(message) as string,
      }),
    );
  });
});

describe("ggufWeights", () => {
  const queries = floats("blk.3.attn_q.weight", [4, 1], [0, 2, 1, 3]);
  const tensors = [queries, floats("token_embd.weight", [2, 1], [5, 6])];

  test("gives hub names, and undoes the interleaving of llama's queries and keys only", async () => {
    for (const architecture of ["llama", "qwen2"] as const) {
      const file = await open({ tensors });
      const weights = ggufWeights(file, { architecture, heads: 1, keyHeads: 1 });
      expect(weights.shapeOf("model.embed_tokens.weight")).toEqual([2, 1]);
      expect(weights.shapeOf("lm_head.weight")).toBeUndefined();
      const read = await weights.read("model.layers.3.self_attn.q_proj.weight");
      expect([...read]).toEqual(architecture === "llama" ? [0, 1, 2, 3] : [0, 2, 1, 3]);
      await weights.close();
    }
  });

  test.each([
    ["rope_freqs.weight", /"rope_freqs\.weight": scaled rotary positions, as in Llama 3\.1/],
    ["blk.0.ffn_gate_exps.weight", /"blk\.0\.ffn_gate_exps\.weight", which no supported model has/],
  ])("refuses %s", async (name, message) => {
    const file = await open({ tensors: [floats(name, [1], [1])] });
    const config = { architecture: "llama", heads: 1, keyHeads: 1 } as const;
    expect(() => ggufWeights(file, config)).toThrow(message);
    await file.close();
  });
});
