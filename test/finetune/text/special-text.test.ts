import { describe, expect, test } from "vitest";
import { specialText } from "../../../src/finetune/text/special-text.ts";

const token = (content: string, id: number) => ({
  ...{ content, id, special: true, lstrip: false, rstrip: false },
});
const end = token("<end>", 1);
const longer = token("<end>.", 2);

describe("specialText", () => {
  test("cuts at the longest token, and gives no empty text", () => {
    const { cut } = specialText([end, longer]);
    expect(cut("<end><end>.a")).toEqual([{ special: end }, { special: longer }, { text: "a" }]);
    expect(cut("")).toEqual([]);
    expect(specialText([]).cut("a")).toEqual([{ text: "a" }]);
  });

  test("hides tokens, and puts them back", () => {
    const { hide, cut } = specialText([end, longer]);
    const { hidden, reveal } = hide(["a<end>.", "<end>"]);
    expect(hidden.flatMap(cut).every((section) => "text" in section)).toBe(true);
    expect(hidden.map(reveal)).toEqual(["a<end>.", "<end>"]);
  });

  test("refuses texts that use every character it could hide tokens with", () => {
    const all = Array.from({ length: 0x1900 }, (_, at) => String.fromCharCode(0xe000 + at));
    expect(() => specialText([end]).hide([all.join("")])).toThrow(RangeError);
    expect(specialText([end]).hide([all.slice(1).join("")]).hidden).toHaveLength(1);
  });
});
