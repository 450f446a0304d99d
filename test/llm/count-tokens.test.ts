import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { countTokens, openTokenCounter } from "../../src/llm/count-tokens.ts";
import { scratchFolder } from "../util/scratch-folder.ts";

/** Knows four words, splits at spaces, and would put a token before and after every text. */
const wordTokenizer = {
  version: "1.0",
  added_tokens: [
    { id: 0, content: "[start]", special: true, normalized: false },
    { id: 1, content: "[end]", special: true, normalized: false },
  ],
  normalizer: null,
  pre_tokenizer: { type: "WhitespaceSplit" },
  post_processor: {
    type: "TemplateProcessing",
    single: [
      { SpecialToken: { id: "[start]", type_id: 0 } },
      { Sequence: { id: "A", type_id: 0 } },
      { SpecialToken: { id: "[end]", type_id: 0 } },
    ],
    pair: [],
    special_tokens: {
      "[start]": { id: "[start]", ids: [0], tokens: ["[start]"] },
      "[end]": { id: "[end]", ids: [1], tokens: ["[end]"] },
    },
  },
  decoder: null,
  model: {
    type: "WordLevel",
    vocab: { "[start]": 0, "[end]": 1, "[unk]": 2, quiet: 3, drama: 4, films: 5 },
    unk_token: "[unk]",
  },
};

describe("countTokens", () => {
  test("estimates four characters a token, rounded up", async () => {
    expect(await countTokens("123456789")).toBe(3);
    expect(await countTokens("")).toBe(0);
    expect((await openTokenCounter()).method).toBe("estimated");
  });

  test("counts by a tokenizer.json, without the special tokens around a text", async () => {
    const file = join(await scratchFolder(), "tokenizer.json");
    await writeFile(file, JSON.stringify(wordTokenizer));
    expect(await countTokens("quiet drama films", file)).toBe(3);
    expect((await openTokenCounter(file)).method).toBe("exact");
  });

  test.each([
    ["is missing", null],
    ["is no JSON", "tokenizer"],
    ["is no tokenizer", "{}"],
  ])("names the setting when the file %s", async (_what, content) => {
    const file = join(await scratchFolder(), "tokenizer.json");
    if (content !== null) await writeFile(file, content);
    const counted = countTokens("drama", file);
    await expect(counted).rejects.toMatchObject({ name: "FlowError", code: "CONFIG_INVALID" });
    await expect(counted).rejects.toThrow(/tokenizer\.json, the setting tokenizer of a role: .+/);
  });
});
