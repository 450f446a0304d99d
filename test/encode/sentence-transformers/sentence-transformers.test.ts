import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CardOverrides } from "../../../src/encode/folder/encoder-card.ts";
import { encoderWidth } from "../../../src/encode/model/describe-encoder.ts";
import { openEncoder } from "../../../src/encode/model/encoder.ts";
import { writeTinyEncoder } from "../tiny-encoder.ts";
import { writeTransformer } from "../transformers/write-encoder.ts";
import { readReference, writeFolder, writeOnnx } from "./folders.ts";

const reference = await readReference();
let root: string;
let folders = 0;

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), "r4ec-sentence-"));
});

afterAll(() => rm(root, { recursive: true, force: true }));

async function folderOf(name: string): Promise<string> {
  const folder = path.join(root, `${name}-${folders++}`);
  await writeFolder(folder, reference, name);
  return folder;
}

async function encode(folder: string, texts: readonly string[], overrides: CardOverrides = {}) {
  const encoder = await openEncoder({ folder, threads: 1, overrides });
  const { vectors } = await encoder.encode(texts);
  await encoder.close();
  return { vectors, dimension: encoder.dimension };
}

const difference = (vectors: Float32Array, expected: readonly (readonly number[])[]): number =>
  Math.max(...expected.flat().map((value, i) => Math.abs(value - (vectors[i] ?? Number.NaN))));

describe("a folder of sentence-transformers gives its own vectors", () => {
  test.each(Object.entries(reference.cases))("%s", async (name, { vectors: expected }) => {
    const folder = await folderOf(name);
    const { vectors, dimension } = await encode(folder, reference.texts);
    expect(dimension).toBe(expected[0]?.length);
    expect(await encoderWidth({ folder }), "known without the model").toBe(dimension);
    expect(vectors.length).toBe(expected.flat().length);
    expect(difference(vectors, expected)).toBeLessThan(2e-5);
  });

  test("and other ones where a setting says so", async () => {
    const prompt = await folderOf("prompt");
    const { vectors: unprompted } = await encode(prompt, reference.texts, { prefix: "" });
    expect(difference(unprompted, reference.cases["mean"]?.vectors ?? [])).toBeLessThan(2e-5);
    const { vectors: last } = await encode(await folderOf("mean"), reference.texts, {
      pooling: "lasttoken",
    });
    expect(difference(last, reference.cases["last"]?.vectors ?? [])).toBeLessThan(2e-5);
  });

  test("as versions before 5 wrote it, with switches for poolings and a folder for the transformer", async () => {
    const folder = await folderOf("two");
    const old = ["Transformer", "Pooling", "Normalize"].map((kind, place) => ({
      ...{ idx: place, name: String(place), path: `${place}_${kind}` },
      type: `sentence_transformers.models.${kind}`,
    }));
    await write(folder, "modules.json", old);
    await write(folder, "1_Pooling/config.json", {
      word_embedding_dimension: 16,
      pooling_mode_mean_tokens: true,
      pooling_mode_cls_token: true,
      pooling_mode_max_tokens: false,
    });
    // The first token came first then, whatever the order of the switches.
    const [own = [], ...others] = (reference.cases["two"]?.vectors ?? []).map((vector) => [
      ...vector.slice(16),
      ...vector.slice(0, 16),
    ]);
    const { vectors } = await encode(folder, reference.texts);
    expect(difference(vectors, [own, ...others])).toBeLessThan(2e-5);
  });
});

describe("the identity of an encoder", () => {
  const hashOf = async (folder: string): Promise<string> => {
    const encoder = await openEncoder({ folder, threads: 1 });
    await encoder.close();
    return encoder.hash;
  };

  test("is what it was before modules were read, where they ask for nothing more", async () => {
    const tiny = path.join(root, "tiny");
    await writeTinyEncoder(tiny);
    expect(await hashOf(tiny)).toBe("c2ed07f825020bef");
    const bert = path.join(root, "bert");
    await writeTransformer(bert, { architecture: "bert", outputs: ["last_hidden_state"] });
    expect(await hashOf(bert)).toBe("98102259cd532638");
    await mkdir(path.join(bert, "1_Pooling"));
    const pooling = { pooling_mode_cls_token: true, pooling_mode_mean_tokens: false };
    await write(bert, "1_Pooling/config.json", pooling);
    const modules = ["Transformer", "Pooling", "Normalize"].map((kind, place) => ({
      ...{ idx: place, name: String(place), path: place === 0 ? "" : `${place}_${kind}` },
      type: `sentence_transformers.models.${kind}`,
    }));
    await write(bert, "modules.json", modules);
    await write(bert, "sentence_bert_config.json", { max_seq_length: 32, do_lower_case: false });
    expect(await hashOf(bert)).toBe("c983af4070f77dca");
  });

  test("changes with the weights of its modules", async () => {
    const folder = await folderOf("dense");
    const before = await hashOf(folder);
    const file = path.join(folder, "2_Dense", "model.safetensors");
    const weights = await readFile(file);
    weights.writeFloatLE(0.25, weights.length - 4);
    await writeFile(file, weights);
    expect(await hashOf(folder)).not.toBe(before);
  });
});

describe("what is not supported is refused by name", () => {
  const modules = (...kinds: readonly string[]): readonly object[] =>
    kinds.map((type, place) => ({
      ...{ idx: place, name: String(place), path: place === 0 ? "" : `${place}_Own`, type },
    }));
  const ours = (kind: string): string => `sentence_transformers.models.${kind}`;
  const dense = {
    ...{ in_features: 16, out_features: 6, bias: true },
    activation_function: "torch.nn.modules.activation.Tanh",
  };

  test.each<[string, string, Readonly<Record<string, unknown>>, RegExp]>([
    [
      "a module of others' code",
      "mean",
      { "modules.json": modules("custom_code.Transformer", ours("Pooling")) },
      /modules\.json: the module custom_code\.Transformer \(first\) is not supported in this place, where Transformer can be\. Export/,
    ],
    [
      "a module that is not done",
      "mean",
      { "modules.json": modules(ours("Transformer"), ours("WeightedLayerPooling")) },
      /the module sentence_transformers\.models\.WeightedLayerPooling \(1_Own\) is not supported/,
    ],
    [
      "words without a transformer",
      "mean",
      { "modules.json": modules(ours("StaticEmbedding"), ours("Normalize")) },
      /the module sentence_transformers\.models\.StaticEmbedding/,
    ],
    [
      "a layer before pooling",
      "dense",
      { "modules.json": modules(ours("Transformer"), ours("Dense"), ours("Pooling")) },
      /the module sentence_transformers\.models\.Dense \(1_Own\) is not supported in this place, where Pooling can be/,
    ],
    [
      "no pooling at all",
      "mean",
      { "modules.json": modules(ours("Transformer")) },
      /nothing says how the vectors of tokens become one; set encode\.pooling/,
    ],
    [
      "a pooling that is not known",
      "mean",
      { "1_Pooling/config.json": { pooling_mode_attention: true } },
      /1_Pooling\/config\.json: the pooling pooling_mode_attention is not supported; known are cls, max, mean/,
    ],
    [
      "a list of poolings with one that is not known",
      "mean",
      { "1_Pooling/config.json": { pooling_mode: ["mean", "median"] } },
      /the pooling median is not supported/,
    ],
    [
      "a layer over tokens",
      "dense",
      { "2_Dense/config.json": { ...dense, module_input_name: "token_embeddings" } },
      /2_Dense\/config\.json: a setting of this module is not supported: [^]*module_input_name/,
    ],
    [
      "an activation function that is not done",
      "dense",
      {
        "2_Dense/config.json": {
          ...dense,
          activation_function: "torch.nn.modules.activation.Hardtanh",
        },
      },
      /2_Dense\/config\.json: a setting of this module is not supported: [^]*activation_function/,
    ],
    [
      "a setting of a layer that is not known",
      "dense",
      { "2_Dense/config.json": { ...dense, dropout_rate: 0.1 } },
      /not supported: [^]*dropout_rate/,
    ],
    [
      "weights of another size",
      "dense",
      { "2_Dense/config.json": { ...dense, out_features: 7 } },
      /2_Dense\/model\.safetensors: expected linear\.weight of \[7, 16\], it is \[6, 16\]/,
    ],
    [
      "a layer that reads other vectors",
      "dense",
      { "1_Pooling/config.json": { pooling_mode: ["mean", "max"] } },
      /2_Dense\/model\.safetensors: reads vectors of 16 numbers, those before it have 32/,
    ],
    [
      "a default prompt that is not there",
      "prompt",
      { "config_sentence_transformers.json": { prompts: {}, default_prompt_name: "query" } },
      /config_sentence_transformers\.json: default_prompt_name is query, which prompts does not have; set encode\.prefix/,
    ],
    [
      "a task other than encoding",
      "mean",
      { "sentence_bert_config.json": { transformer_task: "fill-mask" } },
      /sentence_bert_config\.json: cannot be followed: [^]*transformer_task/,
    ],
    [
      "a prompt that leaves no room",
      "unpooled",
      { "sentence_bert_config.json": { max_seq_length: 7 } },
      /2 of 5 tokens are the prompt's, which are not pooled, and too few are left; raise encode\.maxTokens/,
    ],
  ])("%s", async (_what, name, files, message) => {
    const folder = await folderOf(name);
    for (const [file, content] of Object.entries(files)) await write(folder, file, content);
    const opened = encode(folder, ["film"]);
    await expect(opened).rejects.toMatchObject({ name: "FlowError" });
    await expect(opened).rejects.toThrow(message);
  });

  test("a list of modules that is not JSON", async () => {
    const folder = await folderOf("mean");
    await writeFile(path.join(folder, "modules.json"), "[{");
    await expect(encode(folder, ["film"])).rejects.toThrow(
      /modules\.json: not a readable JSON file/,
    );
  });

  test("modules outside the folder", async () => {
    const folder = await folderOf("mean");
    const outside = modules(ours("Transformer"), ours("Pooling"));
    await write(folder, "modules.json", [outside[0], { ...outside[1], path: "../1_Pooling" }]);
    await expect(encode(folder, ["film"])).rejects.toThrow(/leads out of the encoder's folder/);
  });

  test("weights that are missing, or that only torch reads", async () => {
    const folder = await folderOf("dense");
    await rm(path.join(folder, "2_Dense", "model.safetensors"));
    await expect(encode(folder, ["film"])).rejects.toThrow(
      /2_Dense\/model\.safetensors: the weights of this module are missing; get it again/,
    );
    await writeFile(path.join(folder, "2_Dense", "pytorch_model.bin"), "");
    await expect(encode(folder, ["film"])).rejects.toThrow(/pytorch_model\.bin is there, which/);
  });

  test("the model's own pooler where the folder pools tokens", async () => {
    const folder = path.join(root, "pooler");
    await writeTransformer(folder, { architecture: "bert", outputs: ["pooler_output"] });
    expect((await encode(folder, ["film"])).dimension).toBe(12);
    await mkdir(path.join(folder, "1_Pooling"));
    await write(folder, "1_Pooling/config.json", { pooling_mode: "mean" });
    await expect(encode(folder, ["film"])).rejects.toThrow(
      /none of the outputs .*, it gives pooler_output; name one with encode\.output/,
    );
  });

  test("vectors that the model finished without the folder's modules", async () => {
    const folder = await folderOf("dense");
    await writeOnnx(folder, ["dense_vecs"]);
    await expect(encode(folder, ["film"])).rejects.toThrow(
      /the output dense_vecs is pooled by the model, and modules\.json has modules after pooling .*\(16 numbers, 6 expected\)/,
    );
    const unpooled = await folderOf("unpooled");
    await writeOnnx(unpooled, ["dense_vecs"]);
    await expect(encode(unpooled, ["film"])).rejects.toThrow(
      /the folder leaves the prompt out of pooling, which the model does not/,
    );
  });

  test("but what the model holds itself needs no module that is known", async () => {
    const folder = await folderOf("mean");
    await writeOnnx(folder, ["dense_vecs"]);
    await write(folder, "modules.json", modules("custom_code.Transformer", "custom_code.Pooler"));
    expect((await encode(folder, ["film"])).dimension).toBe(16);
  });
});

function write(folder: string, file: string, content: unknown): Promise<void> {
  return writeFile(path.join(folder, file), JSON.stringify(content));
}
