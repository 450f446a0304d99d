import { describe, expect, test } from "vitest";
import { shortList, shortText } from "../../src/page/short-text.ts";

describe("shortText", () => {
  test("leaves texts of a page's length, and cuts longer ones between characters", () => {
    const title = "x".repeat(300);
    expect(shortText(title)).toBe(title);
    expect(shortText(`${title}x`)).toBe(`${"x".repeat(299)}…`);
    const split = `${"x".repeat(298)}\u{1F600}yz`;
    expect(shortText(split)).toBe(`${"x".repeat(298)}…`);
  });
});

describe("shortList", () => {
  test("cuts each value, and says how many it leaves out", () => {
    expect(shortList(["Drama", "x".repeat(10_000)])).toEqual(["Drama", `${"x".repeat(299)}…`]);
    const tags = Array.from({ length: 10_000 }, (_none, tag) => `tag ${tag}`);
    const shown = shortList(tags);
    expect(shown.slice(0, 50)).toEqual(tags.slice(0, 50));
    expect(shown.slice(50)).toEqual(["… 9,950 more"]);
  });
});
