import { describe, expect, test } from "vitest";
import { limitText, lostTokens } from "../../../src/encode/text/limit-text.ts";
import { textCutter, type Overlong } from "../../../src/encode/text/text-cutter.ts";
import type { EncoderCard } from "../../../src/encode/folder/encoder-card.ts";

describe("limitText", () => {
  test("leaves a text of the length alone", () => {
    expect(limitText("war film", 8)).toEqual({ text: "war film", lost: 0 });
  });

  test("cuts before the last word, or within one that is too long for that", () => {
    expect(limitText("war film sea", 10)).toEqual({ text: "war film", lost: 4 });
    const long = `a ${"b".repeat(300)}`;
    expect(limitText(long, 200)).toEqual({ text: long.slice(0, 200), lost: 102 });
    expect(limitText(" war", 3)).toEqual({ text: " wa", lost: 1 });
  });

  test("does not cut a character in two", () => {
    expect(limitText("\u{1F3AC}\u{1F3AC}\u{1F3AC}", 3)).toEqual({ text: "\u{1F3AC}", lost: 4 });
  });

  test("estimates the tokens beyond by those before", () => {
    expect(lostTokens(30, { text: "x".repeat(100), lost: 250 })).toBe(75);
  });
});

describe("a text beyond the limit", () => {
  const card: EncoderCard = {
    ...{ name: "letters", dimension: null, maxTokens: 12, tokenizer: "huggingface" },
    ...{ poolings: ["mean"], isPoolingSaid: true, poolsPrefix: true, layers: [] },
    ...{ listedDimension: null, outputs: [], normalize: true, prefix: "", lowerCase: false },
    ...{ padTo: 1, padId: 0, firstPosition: 0, globalTokens: 0, vocabulary: null, shape: null },
  };
  const asked: number[] = [];
  const tokenizer = {
    tokenize: (text: string) => {
      asked.push(text.length);
      return Array.from(text, () => 5);
    },
    ...{ before: [1], after: [2] },
  };
  const cut = (overlong: Overlong) =>
    textCutter(card, tokenizer, { overlong, maxCharacters: 20 })("x".repeat(1000), () => "item 4");

  test("is read up to it, and the rest is counted", () => {
    const chunks = cut("chunks");
    expect([chunks.tokens, chunks.truncated, chunks.sequences.length]).toEqual([1000, 980, 2]);
    const first = cut("first");
    expect([first.tokens, first.truncated, first.sequences.length]).toEqual([1000, 990, 1]);
    expect(Math.max(...asked)).toBe(20);
  });

  test("is an error where texts that are too long are one", () => {
    expect(() => cut("error")).toThrow(
      /^item 4: the text has 1000 characters, of which 20 are read; shorten it, raise encode\.maxCharacters/,
    );
  });
});
