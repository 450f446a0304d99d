import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { BaseModel } from "../../../src/finetune/base/base-model.ts";
import { openBaseModel } from "../../../src/finetune/base/open-base-model.ts";
import { architectures } from "../../../src/finetune/decoder/decoder-config.ts";
import { tokenizerJson } from "../text/tiny-tokenizer.ts";
import { float, floats, text, uint, type Typed } from "../weights/gguf-file.ts";
import {
  tinyConfig,
  tinyGgufTensors,
  tinyTensors,
  writeTinyFolder,
  writeTinyGguf,
  type TinyFolder,
} from "./tiny-model.ts";

let root: string;
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), "r4ec-base-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

let made = 0;
const place = (suffix = ""): string => path.join(root, `model-${++made}${suffix}`);
const closed = async (model: Promise<BaseModel>): Promise<BaseModel> => {
  const opened = await model;
  await opened.weights.close();
  return opened;
};
const sizes = {
  ...{ layers: 2, hidden: 8, heads: 2, keyHeads: 1, headWidth: 4, inner: 12, vocabulary: 270 },
  ...{ normEpsilon: 0.5, ropeBase: 100, isTied: true, contextTokens: 512 },
};

describe("openBaseModel", () => {
  test.each(architectures)(
    "opens %s from a folder and from a file to the same model",
    async (architecture) => {
      const folder = await openBaseModel(await writeTinyFolder(place(), architecture));
      const file = await openBaseModel(await writeTinyGguf(place(".gguf"), architecture));
      for (const { config, weights, tokenizer } of [folder, file]) {
        expect(config).toEqual({
          ...{ architecture, ...sizes },
          ...{ hasBiases: architecture === "qwen2", hasHeadNorms: architecture === "qwen3" },
        });
        for (const { name, shape, values } of tinyTensors(architecture)) {
          expect(weights.shapeOf(name)).toEqual(shape);
          expect([...(await weights.read(name))]).toEqual([...values]);
        }
        expect(tokenizer.vocabulary).toBe(268);
        expect(tokenizer.paddingId).toBe(265);
        await weights.close();
      }
    },
  );

  test("tells whether the output layer is the embedding", async () => {
    const untied = tinyTensors("llama", { isTied: false });
    const isTied = async (config: object, tensors = untied): Promise<boolean> => {
      const folder = await writeTinyFolder(place(), "llama", { config, tensors });
      return (await closed(openBaseModel(folder))).config.isTied;
    };
    const says = (tie_word_embeddings?: boolean): object =>
      tinyConfig("llama", { tie_word_embeddings });
    expect(await isTied(says(true))).toBe(true);
    expect(await isTied(says(false))).toBe(false);
    expect(await isTied(says())).toBe(false);
    expect(await isTied(says(false), tinyTensors("llama"))).toBe(true);
    const tensors = tinyGgufTensors("llama", untied);
    const file = await writeTinyGguf(place(".gguf"), "llama", { tensors });
    expect((await closed(openBaseModel(file))).config.isTied).toBe(false);
  });

  test("knows the newer form of rotary settings, and what old configurations leave out", async () => {
    const configOf = async (changes: object): Promise<BaseModel["config"]> =>
      (
        await closed(
          openBaseModel(
            await writeTinyFolder(place(), "llama", { config: tinyConfig("llama", changes) }),
          ),
        )
      ).config;
    const newer = {
      rope_theta: undefined,
      rope_parameters: { rope_type: "default", rope_theta: 7 },
    };
    expect((await configOf(newer)).ropeBase).toBe(7);
    expect((await configOf({ rope_theta: undefined })).ropeBase).toBe(10_000);
    expect((await configOf({ head_dim: undefined })).headWidth).toBe(4);
    const plain = { rope_scaling: null, attention_bias: false, use_sliding_window: false };
    expect(await configOf({ ...plain, layer_types: ["full_attention"] })).toMatchObject(sizes);
  });

  test("refuses what is not there", async () => {
    await expect(openBaseModel(path.join(root, "nowhere"))).rejects.toThrow(
      expect.objectContaining({
        code: "CONFIG_INVALID",
        message: expect.stringMatching(/nowhere: cannot be opened .*r4ec fetch gets one/) as string,
      }),
    );
  });

  test("refuses a folder without a configuration", async () => {
    const folder = await writeTinyFolder(place(), "llama");
    await rm(path.join(folder, "config.json"));
    await expect(openBaseModel(folder)).rejects.toThrow(/config\.json: cannot be read/);
  });

  test.each<[string, object, RegExp]>([
    ["no configuration of a model", { model_type: undefined }, /it has no model_type/],
    [
      "another architecture",
      { model_type: "mistral" },
      /config\.json: model_type is mistral; only llama, qwen2, qwen3 can be fine-tuned here/,
    ],
    [
      "sizes that are missing",
      { hidden_size: undefined },
      /not the config\.json of a decoder: .*hidden_size/s,
    ],
    [
      "scaled positions",
      { rope_scaling: { rope_type: "llama3", factor: 8 } },
      /rope_scaling scales positions \(llama3\), which is not supported: take another model/,
    ],
    ["scaled positions of old", { rope_scaling: { type: "linear", factor: 2 } }, /\(linear\)/],
    [
      "scaled positions of the newer form",
      { rope_parameters: { rope_type: "yarn" } },
      /rope_parameters .*\(yarn\)/,
    ],
    ["positions of a part", { partial_rotary_factor: 0.5 }, /partial_rotary_factor is not 1/],
    ["another activation", { hidden_act: "gelu" }, /hidden_act is gelu/],
    ["biases of attention", { attention_bias: true }, /attention_bias is true/],
    ["biases of the feed-forward layer", { mlp_bias: true }, /mlp_bias is true/],
    ["a sliding window", { use_sliding_window: true }, /attention has a sliding window/],
    [
      "a sliding window in some layers",
      { layer_types: ["full_attention", "sliding_attention"] },
      /sliding window/,
    ],
    ["quantised weights", { quantization_config: { quant_method: "gptq" } }, /quantization_config/],
    [
      "heads that do not fit",
      { num_key_value_heads: 3 },
      /2 query heads, 3 key heads and a head width of 4 do not fit/,
    ],
    [
      "tensors of other shapes",
      { intermediate_size: 13 },
      /tensor "model\.layers\.0\.mlp\.gate_proj\.weight" has the shape \[12, 8\], its configuration says \[13, 8\]/,
    ],
    [
      "tensors that are missing",
      { num_hidden_layers: 3 },
      /there is no tensor "model\.layers\.2\.input_layernorm\.weight": the weights and the configuration/,
    ],
  ])("refuses a folder with %s", async (_, changes, message) => {
    const config = tinyConfig("llama", changes);
    await refused(openBaseModel(await writeTinyFolder(place(), "llama", { config })), message);
  });

  test("refuses a tokenizer with more tokens than the embedding has rows", async () => {
    const more = { id: 300, content: "<|more|>", special: true, normalized: false };
    const tokenizer = { ...tokenizerJson, added_tokens: [...tokenizerJson.added_tokens, more] };
    const options: TinyFolder = { tokenizer };
    await refused(
      openBaseModel(await writeTinyFolder(place(), "qwen2", options)),
      /the tokenizer has 301 tokens and the embedding only 270 rows: they are not of the same model/,
    );
    const [, ...others] = tinyGgufTensors("qwen2");
    const tensors = [floats("token_embd.weight", [200, 8], new Float32Array(1600)), ...others];
    await refused(
      openBaseModel(await writeTinyGguf(place(".gguf"), "qwen2", { tensors })),
      /\.gguf: the tokenizer has 268 tokens and the embedding only 200 rows/,
    );
  });

  test.each<[string, Readonly<Record<string, Typed>>, RegExp]>([
    [
      "another architecture",
      { "general.architecture": text("gemma") },
      /general\.architecture is gemma; only llama, qwen2, qwen3 can be fine-tuned here/,
    ],
    [
      "sizes that are none",
      { "llama.block_count": text("two") },
      /its configuration cannot be read: .*block_count/s,
    ],
    [
      "scaled positions",
      { "llama.rope.scaling.type": text("yarn") },
      /rope\.scaling\.type scales positions \(yarn\)/,
    ],
    [
      "positions of a part",
      { "llama.rope.dimension_count": uint(2) },
      /rope\.dimension_count is not the width/,
    ],
    [
      "values of another width",
      { "llama.attention.value_length": uint(2) },
      /attention\.value_length is not/,
    ],
    [
      "a sliding window",
      { "llama.attention.sliding_window": uint(9) },
      /attention has a sliding window/,
    ],
    ["experts", { "llama.expert_count": uint(8) }, /it is a mixture of experts/],
    ["another base", { "llama.rope.freq_base": float(-1) }, /its configuration cannot be read/],
    [
      "tensors that are missing",
      { "llama.block_count": uint(3) },
      /there is no tensor "model\.layers\.2\.input_layernorm\.weight"/,
    ],
  ])("refuses a file with %s", async (_, metadata, message) => {
    await refused(
      openBaseModel(await writeTinyGguf(place(".gguf"), "llama", { metadata })),
      message,
    );
  });

  test("refuses a file without an embedding, and one with scaled positions in a tensor", async () => {
    const [, ...others] = tinyGgufTensors("llama");
    await refused(
      openBaseModel(await writeTinyGguf(place(".gguf"), "llama", { tensors: others })),
      /there is no tensor "token_embd\.weight"/,
    );
    const tensors = [...tinyGgufTensors("llama"), floats("rope_freqs.weight", [2], [1, 8])];
    await refused(
      openBaseModel(await writeTinyGguf(place(".gguf"), "llama", { tensors })),
      /"rope_freqs\.weight": scaled rotary positions/,
    );
  });

  test("refuses a file that is no model", async () => {
    const file = place(".gguf");
    await writeFile(file, "not a model at all");
    await refused(openBaseModel(file), /it is not a GGUF file/);
  });
});

async function refused(model: Promise<unknown>, message: RegExp): Promise<void> {
  await expect(model).rejects.toThrow(
    expect.objectContaining({
      code: "INPUT_INVALID",
      message: expect.stringMatching(message) as string,
    }),
  );
}
