import { describe, expect, test } from "vitest";
import { eventWords } from "../../../../src/dataset/sources/files/event-words.ts";
import { datasetSettings } from "../../../../src/dataset/settings.ts";
import { sourceOf } from "../../../../src/dataset/sources/registry.ts";

const columns = { user: "u", item: "i", time: "t", timeUnit: "auto" as const, positiveEvents: [] };

describe("eventWords", () => {
  test("ratings are rated, with a best rating that only people know", () => {
    expect(eventWords({ ...columns, rating: "stars" })).toEqual({ nouns: { event: "rated" } });
  });

  test.each([
    ["clicked", "clicked"],
    ["is_liked", "liked"],
    ["Purchase", "bought"],
    ["played", "played"],
    ["label", undefined],
    ["ed", undefined],
    ["toString", undefined],
  ])("a label column %s: %s", (label, event) => {
    const nouns = event === undefined ? {} : { event };
    expect(eventWords({ ...columns, label })).toEqual({ nouns, scale: "none" });
  });

  test.each([
    [["purchase"], "bought"],
    [["buy", "transaction"], "bought"],
    [["add_to_cart", "purchase"], "put into the cart or bought"],
    [["purchase", "x17"], undefined],
  ])("positive events %j: %s", (positiveEvents, event) => {
    const nouns = event === undefined ? {} : { event };
    expect(eventWords({ ...columns, event: "type", positiveEvents })).toEqual({
      nouns,
      scale: "none",
    });
  });
});

describe("the words of a source", () => {
  test.each([
    ["Books_5.json.gz", "book", "reader"],
    ["reviews_Home_and_Kitchen_5.json.gz", "product", "customer"],
    ["Home_and_Kitchen.jsonl.gz", "product", "customer"],
    ["Movies_and_TV.jsonl.gz", "film", "viewer"],
    ["mine.jsonl", "product", "customer"],
  ])("Amazon's %s holds a %s for each %s", (file, item, user) => {
    const dataset = datasetSettings.parse({ source: "amazon", reviews: [`data/${file}`] });
    expect(sourceOf(dataset).words(dataset)).toEqual({
      nouns: { item, user, event: "rated" },
      scale: 5,
    });
  });
});
