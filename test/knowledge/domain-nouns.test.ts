import { describe, expect, test } from "vitest";
import { domainNouns, domainOf, wordsIdentity } from "../../src/knowledge/domain-nouns.ts";

describe("domainOf", () => {
  test("is neutral where nothing is said", () => {
    expect(domainOf({ nouns: {} }, 3)).toEqual({
      ...{ item: "item", items: "items", person: "user", people: "users", event: "rated" },
      feedback: { kind: "rating", likedAbove: 3, highest: null },
    });
    expect(domainOf({ nouns: {}, scale: "none" }, 0.5)).toMatchObject({
      event: "chosen",
      feedback: { kind: "choice" },
    });
  });

  test("takes plurals, event and best rating as they are given", () => {
    const nouns = { item: "person", items: "people", user: "child", users: "children" };
    expect(domainOf({ nouns: { ...nouns, event: "met" }, scale: 10 }, 7)).toEqual({
      ...{ item: "person", items: "people", person: "child", people: "children", event: "met" },
      feedback: { kind: "rating", likedAbove: 7, highest: 10 },
    });
  });
});

describe("wordsIdentity", () => {
  test("of rated items, told to no model, is what earlier runs have: item and person", () => {
    const nouns = { item: "film", user: "viewer", items: "films", event: "rated" };
    const identity = { itemNoun: "film", personNoun: "viewer" };
    expect(wordsIdentity({ nouns, scale: 5 }, false)).toEqual(identity);
    expect(wordsIdentity({ nouns: { ...nouns, event: "seen" } }, false)).toEqual(identity);
  });

  test("changes with what a text can show", () => {
    const nouns = { item: "film", user: "viewer" };
    const own = wordsIdentity({ nouns }, false);
    expect(wordsIdentity({ nouns: { ...nouns, items: "movies" } }, false)).not.toEqual(own);
    expect(wordsIdentity({ nouns, scale: "none" }, false)).not.toEqual(own);
    expect(wordsIdentity({ nouns: { ...nouns, event: "seen" }, scale: "none" }, false)).not.toEqual(
      wordsIdentity({ nouns, scale: "none" }, false),
    );
    const told = wordsIdentity({ nouns }, true);
    expect(wordsIdentity({ nouns, scale: 5 }, true)).not.toEqual(told);
    expect(wordsIdentity({ nouns: { ...nouns, event: "seen" } }, true)).not.toEqual(told);
  });
});

describe("domainNouns", () => {
  test.each([
    ["film", "films"],
    ["story", "stories"],
    ["play", "plays"],
    ["box", "boxes"],
    ["series", "series"],
    ["board game", "board games"],
  ])("the plural of %s is %s", (one, many) => {
    expect(domainNouns(one, "viewer").items).toBe(many);
  });
});
