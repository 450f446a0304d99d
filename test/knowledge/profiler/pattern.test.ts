import { describe, expect, test } from "vitest";
import { pattern, sentenceEnd } from "../../../src/knowledge/profiler/pattern.ts";
import { nastyTexts } from "../contexts/make-contexts.ts";

describe("pattern", () => {
  const likes = pattern("This viewer enjoys {values:and} films.");
  const generic = pattern("Films whose {name:name} is {values:or}.");

  test("prints plain capitalised values bare and reads them back", () => {
    const filled = { values: ["Drama", "Film-Noir", "George A. Romero"] };
    const text = "This viewer enjoys Drama, Film-Noir and George A. Romero films.";
    expect(likes.print(filled)).toBe(text);
    expect(likes.match(text, 0)).toEqual({ filled, end: text.length });
  });

  test("quotes what is not plain", () => {
    expect(likes.print({ values: ["sci-fi", "Drama and War"] })).toBe(
      'This viewer enjoys "sci-fi" and "Drama and War" films.',
    );
  });

  test.each(nastyTexts.map((text) => [JSON.stringify(text), text]))(
    "%s stays in its slot, alone, in a list and as an attribute's name",
    (_shown, nasty) => {
      for (const values of [[nasty], ["Drama", nasty], [nasty, "War", nasty]]) {
        const text = `${likes.print({ values })} This viewer enjoys War films.`;
        expect(text).not.toContain("\n");
        const found = likes.match(text, 0);
        expect(found?.filled).toEqual({ values });
        expect(text.slice(found?.end)).toBe(" This viewer enjoys War films.");
      }
      const filled = { name: [nasty], values: [nasty, "R"] };
      expect(generic.match(generic.print(filled), 0)?.filled).toEqual(filled);
    },
  );

  test("does not match another sentence, nor a broken quotation", () => {
    expect(likes.match("This viewer avoids Drama films.", 0)).toBeUndefined();
    expect(likes.match('This viewer enjoys "Dra\\x" films.', 0)).toBeUndefined();
    expect(likes.match("This viewer enjoys drama films.", 0)).toBeUndefined();
  });
});

describe("sentenceEnd", () => {
  test.each([
    ["One. Two.", 4],
    ['Say "a. b" now. Two.', 15],
    ["3.5 stars. Two.", 10],
    ["no stop", 7],
    ['an "open quote. Two.', 15],
  ])("of %s is %d", (text, end) => {
    expect(sentenceEnd(text, 0)).toBe(end);
  });
});
