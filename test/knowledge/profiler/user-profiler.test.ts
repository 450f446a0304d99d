import { describe, expect, test } from "vitest";
import type { UserContext } from "../../../src/knowledge/contexts/contexts.ts";
import { domainNouns } from "../../../src/knowledge/domain-nouns.ts";
import { profiler } from "../../../src/knowledge/profiler/profiler.ts";
import { item, rated } from "../contexts/make-contexts.ts";

const nouns = domainNouns("film", "viewer");
const ask = { signal: new AbortController().signal, sample: 0, onCall: () => undefined };
const { actors, reflectors } = profiler(nouns);

/*
 * Counts (liked above 3 stars), own mean (5+5+4+4+4+2+2+1+3+3)/10 = 3.3, 5 of 10 liked:
 *   Western  liked 1, 2, 3, 4        disliked -         4 : 0  mean 4.5
 *   Drama    liked 1, 5              disliked 6, 7      2 : 2
 *   War      liked 2, 3              disliked 8         2 : 1
 *   Comedy   liked -                 disliked 6, 7, 8   0 : 3  mean 1.7
 *   Horror   liked -                 disliked 9         0 : 1
 *   1960s    liked 1, 2, 3           disliked -         3 : 0
 *   1970s    liked 4, 5              disliked 6, 9, 10  2 : 3
 *   1990s    liked -                 disliked 7, 8      0 : 2
 */
const context: UserContext = {
  userId: 1,
  history: [
    rated(item(1, 1961, "Western+Drama"), 5),
    rated(item(2, 1962, "Western+War"), 5),
    rated(item(3, 1963, "Western+War"), 4),
    rated(item(4, 1971, "Western"), 4),
    rated(item(5, 1972, "Drama"), 4),
    rated(item(6, 1973, "Drama+Comedy"), 2),
    rated(item(7, 1991, "Drama+Comedy"), 2),
    rated(item(8, 1992, "Comedy+War"), 1),
    rated(item(9, 1974, "Horror"), 3),
    rated(item(10, 1975, ""), 3),
  ],
};

describe("the profiler on a user", () => {
  test("drafts in haste: a tie passes for a taste, a lead of one for a distaste", async () => {
    expect((await actors.user.reason(context, ask)).text).toBe(
      "A balanced viewer who praises about as many films as not. " +
        "This viewer enjoys Western and Drama films. " +
        "This viewer is at home in films of the 1960s. " +
        'Favourites so far: "Title 1", "Title 2", "Title 3" and "Title 4". ' +
        "This viewer is let down by Comedy films. " +
        "This viewer is let down by films of the 1970s and 1990s. " +
        'Rated low: "Title 8" and "Title 6".',
    );
  });

  test("reflects with the counts behind each rejected claim", async () => {
    const draft = await actors.user.reason(context, ask);
    const answer = await reflectors.user.reflect(context, draft.text, ask);
    expect(answer.judgement).toBe("unreasonable");
    expect(answer.reflection).toBe(
      "Contradicted (2 liked, 2 disliked): This viewer enjoys Drama films.",
    );
    expect(answer.text).toBe(`Unreasonable. ${String(answer.reflection)}`);
  });

  test("refines to what the counts say, keeps the rest, and is then judged reasonable", async () => {
    const draft = await actors.user.reason(context, ask);
    const { reflection } = await reflectors.user.reflect(context, draft.text, ask);
    const refined = await actors.user.refine(context, draft.text, reflection ?? "", ask);
    expect(refined.text).toBe(
      "A balanced viewer who praises about as many films as not. " +
        "This viewer enjoys Western films. " +
        "This viewer is at home in films of the 1960s. " +
        'Favourites so far: "Title 1", "Title 2", "Title 3" and "Title 4". ' +
        "Opinions are divided on Drama films. " +
        "This viewer is let down by Comedy films. " +
        "This viewer is let down by films of the 1990s and 1970s. " +
        'Rated low: "Title 8" and "Title 6".',
    );
    expect(await reflectors.user.reflect(context, refined.text, ask)).toMatchObject({
      judgement: "reasonable",
      reflection: null,
      text: "Reasonable. All 13 claims hold.",
      provider: "profiler",
      model: "profiler",
      promptVersion: "profiler-1",
    });
  });

  test.each([
    ["This viewer enjoys War films.", "Unsupported (2 liked, 1 disliked)"],
    ["This viewer enjoys Horror films.", "Contradicted (0 liked, 1 disliked)"],
    ["This viewer enjoys Science films.", "Contradicted (0 liked, 0 disliked)"],
    ["This viewer is let down by Horror films.", "Unsupported (0 liked, 1 disliked)"],
    ["This viewer is let down by Western films.", "Contradicted (4 liked, 0 disliked)"],
    ["Opinions are divided on Western films.", "Contradicted (4 liked, 0 disliked)"],
    ["Opinions are divided on Horror films.", "Unsupported (0 liked, 1 disliked)"],
    ["A harsh critic whom hardly any film pleases.", "Wrong (5 liked, 5 disliked)"],
    ['Favourites so far: "Title 6".', "Wrong (not among the liked)"],
    ['Favourites so far: "Title 77".', "Wrong (not among the liked)"],
    ['Rated low: "Title 1".', "Wrong (not among the disliked)"],
    ["Among the liked were Horror films.", "Wrong (0 liked, 1 disliked)"],
    [
      "No kind of film stands out among those this viewer liked.",
      "Contradicted (clear in the counts: 2)",
    ],
  ])("rejects: %s", async (claim, complaint) => {
    const { reflection } = await reflectors.user.reflect(context, claim, ask);
    expect(reflection).toContain(`${complaint}: ${claim}`);
  });

  test("points out strong claims that were left out", async () => {
    const { reflection } = await reflectors.user.reflect(context, "", ask);
    expect(reflection).toBe(
      "Missed (4 liked, 0 disliked): This viewer enjoys Western films. " +
        "Missed (3 liked, 0 disliked): This viewer is at home in films of the 1960s. " +
        "Missed (0 liked, 3 disliked): This viewer is let down by Comedy films.",
    );
  });

  test("does not take a taste for one that lies half a star below the user's own mean", async () => {
    // Six films at 5 stars, two Drama films at 4: all liked, own mean 38 / 8 = 4.75, Drama 4.0.
    const history = [1, 2, 3, 4, 5, 6, 7, 8].map((id) =>
      rated(item(id, null, id > 6 ? "Drama" : "War"), id > 6 ? 4 : 5),
    );
    const claim = "This viewer enjoys Drama films.";
    const answer = await reflectors.user.reflect({ userId: 1, history }, claim, ask);
    expect(answer.reflection).toContain(
      `Contradicted (2 liked, 0 disliked, mean 4.0 against 4.8 overall): ${claim}`,
    );
  });

  test("rejects sentences it cannot check, and a refinement leaves them out", async () => {
    const draft = await actors.user.reason(context, ask);
    const foreign = `They adore slow trains. ${draft.text} "Never" again.`;
    const { reflection } = await reflectors.user.reflect(context, foreign, ask);
    expect(reflection).toContain('Not checkable: "They adore slow trains.".');
    expect(reflection).toContain('Not checkable: "\\"Never\\" again.".');
    const refined = await actors.user.refine(context, foreign, reflection ?? "", ask);
    expect(refined.text).not.toContain("trains");
    expect((await reflectors.user.reflect(context, refined.text, ask)).judgement).toBe(
      "reasonable",
    );
  });

  test("a reflection in other words makes the actor look again by itself", async () => {
    const draft = await actors.user.reason(context, ask);
    const refined = await actors.user.refine(context, draft.text, "I doubt the Drama part", ask);
    expect(refined.text).toContain("Opinions are divided on Drama films.");
  });

  test("speaks of the configured domain", async () => {
    const books = profiler(domainNouns("book", "reader"));
    expect((await books.actors.user.reason(context, ask)).text).toContain(
      "A balanced reader who praises about as many books as not. This reader enjoys Western and Drama books.",
    );
  });

  test("has a text for a user without history", async () => {
    const empty = { userId: 1, history: [] };
    const { text } = await actors.user.reason(empty, ask);
    expect(text).toContain("No kind of film stands out");
    expect((await reflectors.user.reflect(empty, text, ask)).judgement).toBe("reasonable");
  });
});
