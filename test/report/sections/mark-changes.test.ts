import { describe, expect, test } from "vitest";
import { markChanges } from "../../../src/report/sections/mark-changes.ts";

describe("markChanges", () => {
  test("marks the sentence that went and the one that came, and escapes both", () => {
    const { before, after } = markChanges(
      "Kept. Was <1>.\nAlso kept.",
      "Kept. Is <2>.\nAlso kept.",
    );
    expect(before.markup).toBe("Kept. <del>Was &#60;1&#62;.</del>\nAlso kept.");
    expect(after.markup).toBe("Kept. <ins>Is &#60;2&#62;.</ins>\nAlso kept.");
  });

  test("marks nothing when the text was written anew", () => {
    const { before, after } = markChanges("One. Two. Three.", "Four. Five. Six.");
    expect([before.markup, after.markup]).toEqual(["One. Two. Three.", "Four. Five. Six."]);
  });
});
