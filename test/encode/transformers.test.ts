/** @file Encoders of all three architectures against plain loops in float64 over the same weights. */
import { copyFile, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CardOverrides } from "../../src/encode/encoder-card.ts";
import { openEncoder } from "../../src/encode/encoder.ts";
import { lastHiddenState, meanOf, pooled, unitOf } from "./transformers/loops.ts";
import { randomStream } from "./transformers/random-stream.ts";
import { idsOf } from "./transformers/tokenizers.ts";
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
