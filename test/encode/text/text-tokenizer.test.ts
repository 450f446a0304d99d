import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTokenizer } from "../../../src/encode/text/text-tokenizer.ts";
import { tokenizers } from "../transformers/tokenizers.ts";

let root: string;

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), "r4ec-tokenizer-"));
});

afterAll(() => rm(root, { recursive: true, force: true }));

async function open(content: object) {
  const file = path.join(root, "tokenizer.json");
  await writeFile(file, JSON.stringify(content));
  return openTokenizer(file, "huggingface");
}

describe("openTokenizer", () => {
  test.each([
    // [CLS] 2, [SEP] 3, film 4, ##s 5, war 6, sea 7, a 8, "," 9, [UNK] 1
    ["bert", "Films, A  WAR", [4, 5, 9, 8, 6]],
    ["bert", "séas\ttaxi", [7, 5, 1]],
    // unigram: ▁film 4, s 5, ▁war 6, ▁sea 7, ▁ 8, e 9, fi 10, unknown 3
    ["xlm-roberta", "films war", [4, 5, 6]],
    ["xlm-roberta", "\ufb01lm\u00a0war   seas", [4, 6, 7, 5]], // ﬁ is fi, a no-break space a space
    ["xlm-roberta", "s\u00e9 se\u0301", [8, 5, 9, 8, 5, 9]], // é is e, in one character or two
    ["xlm-roberta", "xy s", [8, 3, 8, 5]],
    // byte pairs: f 4 … s 11, e 12, a space 13, é 14 15, film 18, war 20, sea 22, " film" 23, " war" 24, " sea" 25
    ["longformer", "films war seas", [18, 11, 24, 25, 11]],
    ["longformer", "se\u00e9  film", [21, 14, 15, 13, 23]],
  ] as const)("cuts as %s does: %j", async (architecture, text, ids) => {
    const { tokenize } = await open(tokenizers[architecture]);
    expect(tokenize(text)).toEqual(ids);
  });

  test.each([
    ["bert", [2], [3]],
    ["xlm-roberta", [0], [2]],
    ["longformer", [0], [2]],
  ] as const)("knows what %s puts around a sequence", async (architecture, before, after) => {
    expect(await open(tokenizers[architecture])).toMatchObject({ before, after });
  });

  test("puts nothing around where nothing is said", async () => {
    const { before, after, tokenize } = await open({
      ...tokenizers["xlm-roberta"],
      post_processor: null,
    });
    expect([before, after, tokenize("war")]).toEqual([[], [], [6]]);
  });

  test.each([
    [{}, /tokenizer\.json: not a tokenizer/],
    [
      {
        ...tokenizers["xlm-roberta"],
        normalizer: { type: "Precompiled", precompiled_charsmap: "AAAA" },
      },
      /not a tokenizer \(precompiled_charsmap is no normalisation map\)/,
    ],
  ])("refuses %j", async (content, message) => {
    await expect(open(content)).rejects.toMatchObject({ code: "INPUT_INVALID" });
    await expect(open(content)).rejects.toThrow(message);
  });
});
