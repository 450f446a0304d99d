import { expect, test } from "vitest";
import { exactPreTokenizer } from "../../../src/finetune/text/exact-pre-tokenizer.ts";

const split = (pattern: string): object => ({
  ...{ type: "Split", pattern: { Regex: pattern }, behavior: "Isolated", invert: false },
});

test("exactPreTokenizer writes sets of characters as the original implementations mean them", () => {
  const bytes = { type: "ByteLevel", add_prefix_space: false, use_regex: false };
  expect(
    exactPreTokenizer({
      type: "Sequence",
      pretokenizers: [
        split(String.raw`\s+(?!\S)|[^\d\D\r]|\\s`),
        bytes,
        { type: "Digits", individual_digits: false },
      ],
    }),
  ).toEqual({
    type: "Sequence",
    pretokenizers: [
      split(String.raw`\p{White_Space}+(?!\P{White_Space})|[^\p{Nd}\P{Nd}\r]|\\s`),
      bytes,
      split(String.raw`\p{N}+`),
    ],
  });
});

test.each([[null], [{ type: "Split", pattern: { String: " " } }], [{ type: "Whitespace" }]])(
  "exactPreTokenizer leaves %j alone",
  (given) => {
    expect(exactPreTokenizer(given)).toEqual(given);
  },
);
