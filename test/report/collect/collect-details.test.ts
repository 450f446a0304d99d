import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { collectDetails } from "../../../src/report/collect/collect-details.ts";
import { collectResults } from "../../../src/report/collect/collect-results.ts";
import type { ReportDetails } from "../../../src/report/report-details.ts";
import type { Database } from "../../../src/tables/database.ts";
import { defineSourceIds } from "../../../src/tables/source-ids/source-ids.ts";
import { makeRunTable } from "../../util/hand-made-table.ts";
import { addVariants, sampleDatabase, sampleFacts } from "../sample-run.ts";

let folder: string;
let db: Database;
let details: ReportDetails;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "r4ec-report-"));
  db = await sampleDatabase(folder, "train");
  details = await collectDetails(db, await collectResults(db, sampleFacts));
});
afterAll(async () => {
  db.close();
  await rm(folder, { recursive: true });
});

describe("collectDetails", () => {
  test("counts ratings with their label", () => {
    expect(details.ratings).toEqual([
      { rating: 1, isLike: false, interactions: 1 },
      { rating: 2, isLike: false, interactions: 1 },
      { rating: 4, isLike: true, interactions: 2 },
      { rating: 5, isLike: true, interactions: 1 },
    ]);
  });

  test("bins three days into whole hours from the first event on", () => {
    // 72 hours and one to spare over 48 bins: 2 hours each
    expect(details.activity.binHours).toBe(2);
    expect(
      details.activity.bins.map((bin) => [bin.start.toISOString(), bin.role, bin.rows]),
    ).toEqual([
      ["2000-01-01T00:00:00.000Z", "context", 1],
      ["2000-01-01T12:00:00.000Z", "train", 1],
      ["2000-01-02T00:00:00.000Z", "train", 1],
      ["2000-01-03T00:00:00.000Z", "valid", 1],
      ["2000-01-04T00:00:00.000Z", "test", 1],
    ]);
  });

  test("shows refined subjects first and leaves out those without a text", () => {
    expect(details.examples.map(({ subject, id }) => [subject, id])).toEqual([
      ["user", 1],
      ["user", 2],
      ["item", 1],
      ["item", 2],
    ]);
  });

  test("shows the context in its order, titles joined, unknown items by number", () => {
    expect(details.examples[0]?.context).toEqual([
      { side: "history", title: "Fargo", rating: 2 },
      { side: "history", title: "Heat (1995)", rating: 4 },
      { side: "history", title: "item 99", rating: 3.5 },
    ]);
  });

  test("shows an item with its liker's history only when nobody disliked it", () => {
    expect(details.examples[2]).toMatchObject({
      title: "<script>alert(1)</script>",
      year: 1999,
      attributes: { genre: ["Drama", "War & Peace"] },
      context: [{ side: "liker", title: "Heat (1995)", rating: 5 }],
    });
  });

  test("keeps what was said in order: text, judgement, refined text, judgement", () => {
    expect(
      details.examples[0]?.answers.map(({ round, role, task }) => [round, role, task]),
    ).toEqual([
      [0, "actor", "reason"],
      [0, "reflector", "reflect"],
      [1, "actor", "refine"],
      [1, "reflector", "reflect"],
    ]);
  });

  test("names users and items as the source does where dictionaries number them", async () => {
    const numbered = await sampleDatabase(folder, "train");
    await makeRunTable(numbered, "user_dictionary", [
      { user_id: 1, source_id: "2" },
      { user_id: 2, source_id: "<ada>" },
    ]);
    await makeRunTable(
      numbered,
      "item_dictionary",
      Array.from({ length: 99 }, (_, place) => ({
        item_id: place + 1,
        source_id: `b${String(place + 1).padStart(2, "0")}`,
      })),
    );
    await defineSourceIds(numbered, { user: true, item: true });
    const { examples } = await collectDetails(
      numbered,
      await collectResults(numbered, sampleFacts),
    );
    numbered.close();
    expect(examples.map(({ subject, id }) => [subject, id])).toEqual([
      ["user", "2"],
      ["user", "<ada>"],
      ["item", "b01"],
      ["item", "b02"],
    ]);
    const shown = examples.flatMap(({ context }) => context.map(({ title }) => title));
    expect(shown).toContain("item b99");
    expect(shown).not.toContain("item 99");
  });

  test("takes no more examples than asked for", async () => {
    const results = await collectResults(db, sampleFacts);
    const few = await collectDetails(db, results, { examples: 1 });
    expect(few.examples.map(({ subject, id }) => [subject, id])).toEqual([
      ["user", 1],
      ["item", 1],
    ]);
  });

  test("says whose each answer is, the variants of a subject one after the other", async () => {
    const several = await sampleDatabase(join(folder, "several"), "train");
    await addVariants(several);
    const { examples } = await collectDetails(several, await collectResults(several, sampleFacts));
    several.close();
    expect(examples[0]?.answers.map(({ variant, round, role }) => [variant, round, role])).toEqual([
      ["r4ec", 0, "actor"],
      ["r4ec", 0, "reflector"],
      ["r4ec", 1, "actor"],
      ["r4ec", 1, "reflector"],
      ["r2ec", 0, "actor"],
    ]);
  });
});
