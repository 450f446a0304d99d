import { describe, expect, test } from "vitest";
import {
  printable,
  printableJson,
  printableLine,
  printableMembers,
} from "../../src/base/printable.ts";

describe("printable", () => {
  test.each([
    ["a colour", "\u001b[31mred", "\uFFFD[31mred"],
    ["an eight-bit introducer", "\u009b2Jgone", "\uFFFD2Jgone"],
    ["a title with its bell", "\u001b]0;hi\u0007", "\uFFFD]0;hi\uFFFD"],
    ["a return and a backspace", "ok\r\bno", "ok\uFFFD\uFFFDno"],
    ["a delete and a null", "\u007f\u0000", "\uFFFD\uFFFD"],
    ["a turned direction", "a\u202Eb\u2067c", "a\uFFFDb\uFFFDc"],
    ["nothing to replace", "é\t漢字 👩‍👩‍👧\n–", "é\t漢字 👩‍👩‍👧\n–"],
  ])("%s", (_what, text, cleaned) => {
    expect(printable(text)).toBe(cleaned);
  });

  test("on one line, breaks go too", () => {
    expect(printableLine("a\nb\tc\u001b")).toBe("a\uFFFDb\uFFFDc\uFFFD");
  });

  test("reaches every text of plain data, also as a key, and leaves the rest", () => {
    const when = new Date(0);
    const data = { "\u001bk": ["\u0007", 1, null, { deep: "\u009b" }], when };
    expect(printableMembers(data)).toEqual({
      "\uFFFDk": ["\uFFFD", 1, null, { deep: "\uFFFD" }],
      when,
    });
  });

  test("JSON means the same", () => {
    const value = { text: "\u001b\u009b\u007f\u202E é\n" };
    const shown = printableJson(JSON.stringify(value, null, 2));
    expect(shown).not.toMatch(/[\u007f-\u009f\u202e]/);
    expect(JSON.parse(shown)).toEqual(value);
  });
});
