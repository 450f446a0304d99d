import { describe, expect, test } from "vitest";
import type { ItemContext } from "../../../src/knowledge/contexts/contexts.ts";
import { domainNouns } from "../../../src/knowledge/domain-nouns.ts";
import { profiler } from "../../../src/knowledge/profiler/profiler.ts";
import { item, rated } from "../contexts/make-contexts.ts";

const ask = { signal: new AbortController().signal, sample: 0, onCall: () => undefined };
const { actors, reflectors } = profiler(domainNouns("film", "viewer"));

/*
 * Liked : disliked          liker            disliker
 *   Drama                   1, 2   2 : 0     1, 7   2 : 0   shared
 *   Thriller                3, 4   2 : 0     10     0 : 1
 *   Comedy                  5, 6   1 : 1
 *   Musical                                  8, 9   2 : 0
 *   1950s                   1-3    3 : 0     1      1 : 0
 *   1960s                   4-6    2 : 1
 *   1970s                                    7-10   3 : 1
 * Both liked title 1.
 */
const context: ItemContext = {
  itemId: 20,
  item: item(20, 1958, "Mystery+Thriller+Romance+Drama", "Alfred Hitchcock"),
  liker: {
    userId: 1,
    history: [
      rated(item(1, 1951, "Drama"), 5),
      rated(item(2, 1952, "Drama"), 4),
      rated(item(3, 1953, "Thriller"), 4),
      rated(item(4, 1961, "Thriller"), 5),
      rated(item(5, 1962, "Comedy"), 4),
      rated(item(6, 1963, "Comedy"), 2),
    ],
  },
  disliker: {
    userId: 2,
    history: [
      rated(item(1, 1951, "Drama"), 4),
      rated(item(7, 1971, "Drama"), 5),
      rated(item(8, 1972, "Musical"), 5),
      rated(item(9, 1973, "Musical"), 4),
      rated(item(10, 1974, "Thriller"), 1),
    ],
  },
};

describe("the profiler on an item", () => {
  test("drafts in haste: three genres at most, and no look at the other side", async () => {
    expect((await actors.item.reason(context, ask)).text).toBe(
      '"Title 20" is a film of the 1950s, released in 1958. ' +
        "It was directed by Alfred Hitchcock. " +
        "Its genre is Mystery, Thriller and Romance. " +
        "It appeals to viewers who enjoy Drama and Thriller films. " +
        "It appeals to viewers who are at home in films of the 1950s and 1960s. " +
        "It may disappoint fans of films of the 1970s.",
    );
  });

  test("reflects against both histories and the metadata", async () => {
    const { text } = await actors.item.reason(context, ask);
    const { judgement, reflection } = await reflectors.item.reflect(context, text, ask);
    expect(judgement).toBe("unreasonable");
    expect(reflection).toBe(
      "Shared (2 liked, 0 disliked; the other 2 liked, 0 disliked): " +
        "It appeals to viewers who enjoy Drama films. " +
        "Unsupported (2 liked, 1 disliked): " +
        "It appeals to viewers who are at home in films of the 1960s. " +
        "Missed (in the metadata): Its genre is Drama.",
    );
  });

  test("refines by dropping and adding, and is then judged reasonable", async () => {
    const { text } = await actors.item.reason(context, ask);
    const { reflection } = await reflectors.item.reflect(context, text, ask);
    const refined = await actors.item.refine(context, text, reflection ?? "", ask);
    expect(refined.text).toBe(
      '"Title 20" is a film of the 1950s, released in 1958. ' +
        "It was directed by Alfred Hitchcock. " +
        "Its genre is Mystery, Thriller, Romance and Drama. " +
        "It appeals to viewers who enjoy Thriller films. " +
        "It appeals to viewers who are at home in films of the 1950s. " +
        "It may disappoint fans of films of the 1970s.",
    );
    expect((await reflectors.item.reflect(context, refined.text, ask)).judgement).toBe(
      "reasonable",
    );
  });

  test.each([
    ["It was directed by Ida Lupino.", "Wrong (not in the metadata)"],
    ["It was released in 1959.", "Wrong (not in the metadata)"],
    ["It appeals to viewers who enjoy Comedy films.", "Contradicted (1 liked, 1 disliked)"],
    ["It may disappoint fans of Thriller films.", "Contradicted (0 liked, 1 disliked)"],
    [
      "No taste tells those who like it from those who do not.",
      "Contradicted (clear in the counts: 1)",
    ],
  ])("rejects: %s", async (claim, complaint) => {
    const { reflection } = await reflectors.item.reflect(context, claim, ask);
    expect(reflection).toContain(`${complaint}: ${claim}`);
  });

  test("points out what the metadata and a strong taste for what the item has would add", async () => {
    const { reflection } = await reflectors.item.reflect(context, "", ask);
    expect(reflection).toContain('Missed (in the metadata): "Title 20" is a film.');
    expect(reflection).toContain("Missed (in the metadata): It was released in 1958.");
    expect(reflection).toContain(
      "Missed (3 liked, 0 disliked): It appeals to viewers who are at home in films of the 1950s.",
    );
  });

  test.each([{ liker: null, disliker: null }, { liker: null }, { disliker: null }])(
    "describes an item by its metadata when a side is unknown: %#",
    async (missing) => {
      const lone = { ...context, ...missing };
      const { text } = await actors.item.reason(lone, ask);
      expect(text).toContain("It was directed by Alfred Hitchcock.");
      const refined = await actors.item.refine(
        lone,
        text,
        (await reflectors.item.reflect(lone, text, ask)).reflection ?? "",
        ask,
      );
      expect((await reflectors.item.reflect(lone, refined.text, ask)).judgement).toBe("reasonable");
    },
  );

  test("names none of the films its two viewers rated: that would mark the item's own training rows", async () => {
    const { text } = await actors.item.reason(context, ask);
    const shown = [...(context.liker?.history ?? []), ...(context.disliker?.history ?? [])];
    for (const { item: rated } of shown) expect(text).not.toContain(`"${rated.title}"`);
  });

  test("describes an item of unknown year with any attributes", async () => {
    const bare: ItemContext = {
      itemId: 5,
      item: {
        itemId: 5,
        title: "Title 5",
        year: null,
        attributes: { "age rating": ["R"], brand: ["lower case"], "is it": ["1st"] },
      },
      liker: null,
      disliker: null,
    };
    const { text } = await actors.item.reason(bare, ask);
    expect(text).toBe(
      '"Title 5" is a film. Its age rating is R. Its brand is "lower case". Its "is it" is 1st.',
    );
    expect((await reflectors.item.reflect(bare, text, ask)).judgement).toBe("reasonable");
  });
});
