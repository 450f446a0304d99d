import { describe, expect, test } from "vitest";
import { wrapWords } from "../../../src/report/wording/wrap-words.ts";

describe("wrapWords", () => {
  test("breaks at spaces before a line grows too long", () => {
    expect(wrapWords("aa bb cc d", 5)).toEqual(["aa bb", "cc d"]);
  });

  test("lets a word that is too long stand alone", () => {
    expect(wrapWords("a toolongword b", 5)).toEqual(["a", "toolongword", "b"]);
  });
});
