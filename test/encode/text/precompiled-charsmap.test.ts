import { describe, expect, test } from "vitest";
import { charsmapNormalizer } from "../../../src/encode/text/precompiled-charsmap.ts";
import { charsmap } from "../transformers/charsmap.ts";

describe("charsmapNormalizer", () => {
  test.each([
    ["abc", "abc"],
    ["a\u00a0b", "a b"],
    ["\r\n", " "], // one grapheme, and the map has its beginning
    ["\r \n", "  \n"],
    ["\u1e9b\u0323", "\u1e61"], // the same: the shorter entry counts
    ["e\u0301", "\u00e9"], // a grapheme of two characters
    ["\u1e9b", "\u1e61"],
    ["x\u200by", "xy"], // what becomes nothing
    ["\u3000\u3000", "  "],
    // a family is one grapheme of more than five bytes: character by character
    ["\u{1f468}\u200d\u{1f469}", "\u{1f468}\u{1f469}"],
    ["", ""],
  ])("makes %j %j", (text, normalized) => {
    const normalize = charsmapNormalizer(
      charsmap({
        "\u00a0": " ",
        "\u3000": " ",
        "\r": " ",
        "\u1e9b\u0323": "\u1e69",
        "e\u0301": "\u00e9",
        "\u1e9b": "\u1e61",
        "\u200b": "",
        "\u200d": "",
      }),
    );
    expect(normalize(text)).toBe(normalized);
  });

  test("finds every one of many entries, and no other", () => {
    const entries = Object.fromEntries(
      Array.from({ length: 400 }, (_, i) => [String.fromCodePoint(0x3041 + i), `<${i}>`]),
    );
    const normalize = charsmapNormalizer(charsmap(entries));
    for (const [from, to] of Object.entries(entries)) expect(normalize(from)).toBe(to);
    expect(normalize("\u3040\u31d1\u4e00A")).toBe("\u3040\u31d1\u4e00A");
  });

  test.each(["", "AAAA", "/////w=="])("refuses %j", (text) => {
    expect(() => charsmapNormalizer(text)).toThrow("no normalisation map");
  });
});
