import { describe, expect, test } from "vitest";
import { unigramTokenizer } from "../../../src/encode/text/unigram-tokenizer.ts";

const tokenize = unigramTokenizer({
  added_tokens: [
    { id: 0, special: true },
    { id: 1, special: true },
  ],
  model: {
    type: "Unigram",
    unk_id: 0,
    vocab: [
      ["?", 0],
      ["<s>", 0],
      ["▁", -3], // 2
      ["a", -2], // 3
      ["b", -2], // 4
      ["ab", -2.5], // 5
      ["▁a", -4], // 6
      ["aa", -2.5], // 7
      ["<", -5], // 8
      ["s", -5], // 9
      [">", -5], // 10
    ],
  },
});

describe("unigramTokenizer", () => {
  test("takes the cut with the highest sum of scores", () => {
    expect(tokenize("ab")).toEqual([2, 5]); // -3 - 2.5 = -5.5; ▁a b has -4 - 2 = -6
  });
  test("marks every space, leading and double ones too", () => {
    expect(tokenize(" b  b")).toEqual([2, 2, 4, 2, 2, 4]);
  });
  test("of equal cuts takes the one with the shortest last piece", () => {
    expect(tokenize("baaa")).toEqual([2, 4, 7, 3]); // aa a and a aa
  });
  test("takes neighbouring unknown characters as one", () => {
    expect(tokenize("b\u{1F600}\u{1F600}x b\n")).toEqual([2, 4, 0, 2, 4, 0]);
  });
  test("reads compatibility characters as what they stand for", () => {
    expect(tokenize("ａ")).toEqual(tokenize("a"));
  });
  test("never takes a text's letters for a reserved piece", () => {
    expect(tokenize("<s>")).toEqual([2, 8, 9, 10]);
  });
  test("cuts nothing into nothing", () => {
    expect(tokenize("")).toEqual([]);
  });
  test("stays linear: a text of a million characters without a space", () => {
    expect(tokenize("b".repeat(1_000_000)).length).toBe(1_000_001);
  });
});
