import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";

import {
  parseCsv,
  readFilms,
} from "../../../../src/dataset/sources/quickstart/quickstart-films.ts";
import { quickstartSettings } from "../../../../src/dataset/sources/quickstart/settings.ts";
import { loadQuickstart } from "../../../../src/dataset/sources/quickstart/quickstart.ts";

describe("parseCsv", () => {
  test("reads quoted commas, doubled quotes, line ends in fields, and empty fields", () => {
    expect(parseCsv('a,"b, c","say ""hi"""\r\n,"two\nlines",\n')).toEqual([
      ["a", "b, c", 'say "hi"'],
      ["", "two\nlines", ""],
    ]);
  });

  test("reads a last record without a line end, also when its last field is empty", () => {
    expect(parseCsv("a,b\nc,")).toEqual([
      ["a", "b"],
      ["c", ""],
    ]);
  });

  test("refuses a quote inside a plain field", () => {
    expect(() => parseCsv('a,b\nc,d"e\n')).toThrow("misplaced quote in record 2");
  });
});

describe("readFilms", () => {
  test("names the file when it is missing", async () => {
    await expect(readFilms(new URL("file:///nowhere/films.csv"))).rejects.toThrow(
      expect.objectContaining({
        code: "INPUT_INVALID",
        message: expect.stringContaining("/nowhere/films.csv") as string,
      }),
    );
  });

  test("the catalogue has at least 2,900 films with ids 1, 2, 3, …", async () => {
    const films = await readFilms();
    expect(films.length).toBeGreaterThanOrEqual(2900);
    expect(films.map((film) => film.itemId)).toEqual(films.map((_, index) => index + 1));
  });

  test("every film has a clean title, a plausible year and a genre; no two share title and year", async () => {
    const films = await readFilms();
    expect(films.filter(({ title }) => title === "" || title !== title.trim())).toEqual([]);
    expect(films.filter(({ year }) => year < 1900 || year > 2012)).toEqual([]);
    expect(films.filter(({ attributes }) => attributes["genre"]?.length !== 1)).toEqual([]);
    expect(new Set(films.map(({ title, year }) => `${title} ${year}`)).size).toBe(films.length);
  });

  test("no attribute value is empty or carries a broken accent", async () => {
    const films = await readFilms();
    const values = films.flatMap(({ title, attributes }) => [
      title,
      ...Object.values(attributes).flat(),
    ]);
    expect(values.filter((value) => value.trim() === "" || /[\ufffdÈÎÍ‡‰Ω˘]/u.test(value))).toEqual(
      [],
    );
  });

  test("the known errors of the source are mended", async () => {
    const films = await readFilms();
    const yearOf = (title: string): readonly number[] =>
      films.filter((film) => film.title === title).map(({ year }) => year);
    expect(yearOf("Gone with the Wind")).toEqual([1939]);
    expect(yearOf("Casablanca")).toEqual([1942]);
    expect(yearOf("The Deer Hunter")).toEqual([1978]);
    expect(yearOf("300")).toEqual([2007]);
    expect(yearOf("The Charge of the Light Brigade")).toEqual([1936]);
    expect(yearOf("Caché")).toEqual([2005]);
  });
});

describe("loadQuickstart", () => {
  test("gives the same ratings for the same seed on every machine", async () => {
    const { interactions } = await loadQuickstart({ viewers: 50, seed: 1 });
    const hash = createHash("sha256");
    const { userId, itemId, rating, tsSeconds } = interactions;
    for (const column of [userId, itemId, rating, tsSeconds]) hash.update(column);
    expect(hash.digest("hex")).toBe(
      "cf38baf9bda161d5656cabede2b1f8338c183210caae38da96a8f1eee3f6d015",
    );
  });

  test("gives other ratings for another seed", async () => {
    const one = await loadQuickstart({ viewers: 5, seed: 1 });
    const two = await loadQuickstart({ viewers: 5, seed: 2 });
    expect(one.interactions.itemId).not.toEqual(two.interactions.itemId);
  });

  test("names every viewer and rates only films of the catalogue", async () => {
    const { items, users, interactions } = await loadQuickstart({ viewers: 20, seed: 3 });
    expect(users.map(({ userId }) => userId)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    expect(new Set(interactions.userId)).toEqual(new Set(users.map(({ userId }) => userId)));
    const known = new Set(items.map(({ itemId }) => itemId));
    expect([...interactions.itemId].filter((itemId) => !known.has(itemId))).toEqual([]);
  });
});

describe("quickstartSettings", () => {
  test("has 1,200 viewers and seed 1 by default, and knows no other key", () => {
    expect(quickstartSettings.parse({ source: "quickstart" })).toEqual({
      source: "quickstart",
      viewers: 1200,
      seed: 1,
      positiveAbove: 3,
      shortUsers: "error",
    });
    expect(() => quickstartSettings.parse({ source: "quickstart", users: 3 })).toThrow("users");
  });
});
