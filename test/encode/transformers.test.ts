/** @file Encoders of all three architectures against plain loops in float64 over the same weights. */
import { copyFile, mkdtemp, readdir, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CardOverrides } from "../../src/encode/folder/encoder-card.ts";
import { openEncoder } from "../../src/encode/model/encoder.ts";
import { lastHiddenState, meanOf, pooled, unitOf } from "./transformers/loops.ts";
import { randomStream } from "./transformers/random-stream.ts";
import { idsOf, tokenizers } from "./transformers/tokenizers.ts";
import type { Architecture, Transformer } from "./transformers/weights.ts";
import {
  firstPositionOf,
  writeTransformer,
  type TinyOptions,
} from "./transformers/write-encoder.ts";

let root: string;
let folders = 0;

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), "r4ec-transformers-"));
});

afterAll(() => rm(root, { recursive: true, force: true }));

/** Texts of 1 to 22 words: at most 46 tokens with the two special ones. */
const texts = ((): readonly (readonly string[])[] => {
  const next = randomStream(3);
  const words = ["film", "films", "war", "seas"];
  return [1, 2, 3, 5, 8, 13, 20, 22, 4, 4].map((length) =>
    Array.from({ length }, () => words[Math.floor((next() + 1) * 2)] ?? ""),
  );
})();

const around: Readonly<Record<Architecture, readonly [before: number, after: number]>> = {
  bert: [2, 3],
  "xlm-roberta": [0, 2],
  longformer: [0, 2],
};

type Tokens = readonly (readonly number[])[];

/** The last layer of a text's tokens by plain loops. */
function tokensOf(transformer: Transformer, words: readonly string[], globalTokens = 0): Tokens {
  const { architecture } = transformer.shape;
  const [before, after] = around[architecture];
  const ids = [before, ...idsOf(architecture, words), after];
  const firstPosition = firstPositionOf(architecture);
  return lastHiddenState(transformer, ids, { globalTokens, firstPosition });
}

const cls = ([first = []]: Tokens): readonly number[] => first;

interface Case {
  readonly name: string;
  readonly options: TinyOptions;
  readonly overrides?: CardOverrides;
  readonly vector: (tokens: Tokens, transformer: Transformer) => readonly number[];
}

const cases: readonly Case[] = [
  {
    name: "BERT: the mean over the mask, of unit length where nothing else is said",
    options: {
      architecture: "bert",
      positions: "counted",
      padId: -1,
      outputs: ["last_hidden_state"],
    },
    vector: (tokens) => unitOf(meanOf(tokens)),
  },
  {
    name: "BERT with position ids and int32 inputs, not scaled",
    options: { architecture: "bert", integers: "int32", outputs: ["last_hidden_state"] },
    overrides: { normalize: false },
    vector: meanOf,
  },
  {
    name: "BERT by its first token, beside a pooler",
    options: { architecture: "bert", outputs: ["pooler_output", "last_hidden_state"] },
    overrides: { pooling: "cls", normalize: false },
    vector: cls,
  },
  {
    name: "BERT's pooler, by name",
    options: { architecture: "bert", outputs: ["last_hidden_state", "pooler_output"] },
    overrides: { output: "pooler_output", normalize: false },
    vector: (tokens, transformer) => pooled(transformer, tokens),
  },
  {
    name: "XLM-RoBERTa's own dense vectors, weights beside the model in a sub folder",
    options: {
      architecture: "xlm-roberta",
      outputs: ["last_hidden_state", "dense_vecs"],
      ...{ dataFile: "model.onnx_data", subFolder: "onnx" },
    },
    vector: (tokens) => unitOf(cls(tokens)),
  },
  {
    name: "XLM-RoBERTa with position ids, which start after the padding id",
    options: { architecture: "xlm-roberta", positions: "input", outputs: ["last_hidden_state"] },
    overrides: { pooling: "cls" },
    vector: (tokens) => unitOf(cls(tokens)),
  },
  {
    name: "Longformer with a sliding window",
    options: { architecture: "longformer", outputs: ["last_hidden_state"] },
    overrides: { normalize: false },
    vector: meanOf,
  },
  {
    name: "Longformer with a sliding window and a global token",
    options: { architecture: "longformer", positions: "input", outputs: ["last_hidden_state"] },
    overrides: { globalTokens: 1 },
    vector: (tokens) => unitOf(meanOf(tokens)),
  },
];

const difference = (vectors: Float32Array, expected: readonly number[]): number =>
  Math.max(...expected.map((value, i) => Math.abs(value - (vectors[i] ?? Number.NaN))));

describe("an encoder of the hub against plain loops in float64", () => {
  test.each(cases)("$name", async ({ options, overrides, vector }) => {
    const folder = path.join(root, String(folders++));
    const transformer = await writeTransformer(folder, options);
    const encoder = await openEncoder({ folder, threads: 1, ...(overrides && { overrides }) });
    const expected = texts.map((words) =>
      vector(tokensOf(transformer, words, overrides?.globalTokens), transformer),
    );
    const joined = texts.map((words) => words.join(" "));

    const together = await encoder.encode(joined);
    expect(together.vectors.length).toBe(texts.length * 12);
    expect(difference(together.vectors, expected.flat())).toBeLessThan(1e-5);
    expect([...together.tokens]).toEqual(
      texts.map((words) => idsOf(options.architecture, words).length),
    );
    expect(new Set(together.truncated)).toEqual(new Set([0]));

    const inOtherBatches = await encoder.encode(joined.toReversed(), { batchTokens: 60 });
    expect(difference(inOtherBatches.vectors, expected.toReversed().flat())).toBeLessThan(1e-5);
    for (const [position, text] of joined.entries()) {
      const alone = await encoder.encode([text]);
      expect(difference(alone.vectors, expected[position] ?? [])).toBeLessThan(1e-5);
    }
    await encoder.close();
  });
});

describe("an encoder with 8-bit weights", () => {
  const cosine = (a: Float32Array, b: Float32Array): number =>
    a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0); // of unit vectors

  test("is made of the float32 model once, is close to it, and is another encoder", async () => {
    const folder = path.join(root, "small");
    await writeTransformer(folder, {
      architecture: "xlm-roberta",
      outputs: ["dense_vecs"],
      dataFile: "model.onnx_data",
    });
    const int8Dir = path.join(root, "made");
    const exact = await openEncoder({ folder, threads: 1 });
    const small = await openEncoder({ folder, threads: 1, precision: "int8", int8Dir });
    expect([exact.name, small.name]).toEqual(["small", "small-int8"]);
    expect(small.hash).not.toBe(exact.hash);
    expect(await readdir(int8Dir)).toEqual([`int8-${small.hash}`]);
    for (const words of texts) {
      const [a, b] = [await exact.encode([words.join(" ")]), await small.encode([words.join(" ")])];
      expect(cosine(a.vectors, b.vectors)).toBeGreaterThan(0.999);
      expect(cosine(a.vectors, b.vectors)).not.toBe(1);
    }
    await exact.close();
    await small.close();
    const again = await openEncoder({ folder, threads: 1, precision: "int8", int8Dir });
    expect(again.hash).toBe(small.hash);
    await again.close();
  });

  test("is the folder's own where it has one", async () => {
    const folder = path.join(root, "ready");
    const options = { architecture: "bert", outputs: ["last_hidden_state"] } as const;
    await writeTransformer(folder, options);
    await copyFile(path.join(folder, "model.onnx"), path.join(folder, "model_quantized.onnx"));
    await rm(path.join(folder, "model.onnx"));
    const ready = await openEncoder({ folder, threads: 1, precision: "int8" });
    expect((await ready.encode(["film"])).tokens[0]).toBe(1);
    await ready.close();
    await expect(openEncoder({ folder, threads: 1 })).rejects.toThrow(/model\.onnx/);
  });
});

describe("texts beyond the length of the model", () => {
  const long = Array.from({ length: 25 }, (_, i) => (i % 3 === 0 ? "film" : "war")); // a token each

  /** Room for 10 tokens besides the two special ones: 25 are three chunks of 8, 9 and 8. */
  async function openShort(overlong: "chunks" | "first" | "error", normalize: boolean) {
    const folder = path.join(root, `short-${folders++}`);
    const options = { architecture: "xlm-roberta", outputs: ["last_hidden_state"] } as const;
    const transformer = await writeTransformer(folder, options);
    const overrides = { maxTokens: 12, normalize };
    const encoder = await openEncoder({ folder, threads: 1, overlong, overrides });
    const meanOfPart = (from: number, to: number): readonly number[] =>
      meanOf(tokensOf(transformer, long.slice(from, to)));
    return { encoder, meanOfPart };
  }

  test("chunks: the mean of their vectors, scaled at the end", async () => {
    for (const normalize of [true, false]) {
      const { encoder, meanOfPart } = await openShort("chunks", normalize);
      const { vectors, tokens, chunks, truncated } = await encoder.encode([long.join(" ")]);
      const parts = [meanOfPart(0, 8), meanOfPart(8, 17), meanOfPart(17, 25)];
      const mean = meanOf(parts);
      expect(difference(vectors, normalize ? unitOf(mean) : mean)).toBeLessThan(1e-5);
      expect([tokens[0], chunks[0], truncated[0]]).toEqual([25, 3, 0]);
      await encoder.close();
    }
  });

  test("first: the first chunk alone, and how much is cut off", async () => {
    const { encoder, meanOfPart } = await openShort("first", false);
    const { vectors, tokens, chunks, truncated } = await encoder.encode([long.join(" "), "film"]);
    expect(difference(vectors.subarray(0, 12), meanOfPart(0, 10))).toBeLessThan(1e-5);
    expect([[...tokens], [...chunks], [...truncated]]).toEqual([
      [25, 1],
      [1, 1],
      [15, 0],
    ]);
    await encoder.close();
  });

  test("error: names the text", async () => {
    const { encoder } = await openShort("error", false);
    await expect(encoder.encode(["film", long.join(" ")])).rejects.toThrow(
      /^text 1: the text has 25 tokens, encoder short-\d+ reads 10; /,
    );
    await encoder.close();
  });
});

describe("what is refused", () => {
  const open = async (options: TinyOptions, change?: (folder: string) => Promise<void>) => {
    const folder = path.join(root, `faulty-${folders++}`);
    await writeTransformer(folder, options);
    await change?.(folder);
    return openEncoder({ folder, threads: 1, freeBytes: () => 1_000_000 });
  };
  const xlmr: TinyOptions = {
    ...{ architecture: "xlm-roberta", outputs: ["last_hidden_state"], dataFile: "model.onnx_data" },
  };

  test.each([
    ["model.onnx", /model\.onnx: there is no such file; an encoder is a folder of model\.onnx/],
    ["tokenizer.json", /tokenizer\.json: there is no such file/],
    ["config.json", /config\.json: there is no such file/],
    [
      "model.onnx_data",
      /model\.onnx_data: the weights of model\.onnx are in this file, which is missing; get it/,
    ],
  ])("a folder without %s", async (file, message) => {
    const opened = open(xlmr, (folder) => rm(path.join(folder, file)));
    await expect(opened).rejects.toMatchObject({ code: "INPUT_INVALID" });
    await expect(opened).rejects.toThrow(message);
  });

  test("weights that are cut short", async () => {
    const opened = open(xlmr, (folder) => truncate(path.join(folder, "model.onnx_data"), 1000));
    await expect(opened).rejects.toThrow(/which has 1000 bytes of \d+; get it again/);
  });

  test("weights that are not numbers: the text's vector is not finite", async () => {
    const encoder = await open(xlmr, (folder) =>
      writeFile(path.join(folder, "model.onnx_data"), Buffer.alloc(100_000, 0xff)),
    );
    await expect(encoder.encode(["film"])).rejects.toThrow(
      /^text 0: encoder \S+ gave no finite vector$/,
    );
    await encoder.close();
  });

  test("the tokenizer of another model, by an id the model has no embedding for", async () => {
    const small = await open({ ...xlmr, config: { vocab_size: 6 } });
    await expect(small.encode(["films war", "war seas"])).rejects.toThrow(
      /^text 0: token 6 of tokenizer\.json is beyond the 6 .* belongs to another model/,
    );
    await small.close();
    const unsaid = await open(
      { ...xlmr, architecture: "bert", config: { vocab_size: undefined } },
      (folder) =>
        writeFile(
          path.join(folder, "tokenizer.json"),
          JSON.stringify(tokenizers.bert).replace('"war":6', '"war":60000'),
        ),
    );
    await expect(unsaid.encode(["war"])).rejects.toThrow(/belongs to another model/);
    await unsaid.close();
  });

  test("a model that is not the known encoder's", async () => {
    const folder = path.join(root, "not-bge");
    await writeTransformer(folder, xlmr);
    await expect(openEncoder({ folder, threads: 1, preset: "bge-m3" })).rejects.toThrow(
      /the model gives 12 numbers per vector, encoder bge-m3 has 1024/,
    );
  });

  test("an output that the model does not give", async () => {
    const folder = path.join(root, "no-output");
    await writeTransformer(folder, { architecture: "bert", outputs: ["pooler_output"] });
    const overrides = { pooling: "mean" } as const;
    await expect(openEncoder({ folder, threads: 1, overrides })).rejects.toThrow(
      /none of the outputs last_hidden_state, token_embeddings, it gives pooler_output; name one with encode\.output/,
    );
  });

  test("a text that would not fit the memory, before it is run", async () => {
    const encoder = await open({ ...xlmr, maxTokens: 4000 });
    await expect(encoder.encode([Array<string>(3000).fill("war").join(" ")])).rejects.toThrow(
      /a text of 3002 tokens at once needs about 0\.2 GB of memory, 0\.0 GB are free; set encode\.maxTokens to \d+/,
    );
    expect((await encoder.encode(["war"])).vectors.length).toBe(12);
    await encoder.close();
  });

  test("a provider that is not there", async () => {
    const folder = path.join(root, "gpu");
    await writeTransformer(folder, xlmr);
    const opened = openEncoder({ folder, threads: 1, providers: ["cuda"] });
    await expect(opened).rejects.toMatchObject({ code: "DEPENDENCY_MISSING" });
    await expect(opened).rejects.toThrow(
      /cannot compute on cuda: .* or use encode\.providers: \[cpu\]/,
    );
  });
});
