import { describe, expect, test } from "vitest";
import { collectProfile } from "../../../src/inspect/profile/collect-profile.ts";
import { renderProfile } from "../../../src/inspect/profile/render-profile.ts";
import { at, makeRunTable, type Cell } from "../../util/hand-made-table.ts";
import { useMemoryDatabase } from "../../util/memory-database.ts";

const memory = useMemoryDatabase();

type Rows = readonly Readonly<Record<string, Cell>>[];

const event = (user: number, item: number, day: number, rating: number) => ({
  ...{ user_id: user, item_id: item, rating, label: rating > 3 ? 1 : 0 },
  ts: at(day),
});
const events = [event(1, 10, 1, 5), event(1, 11, 2, 2), event(1, 12, 3, 4), event(2, 10, 4, 1)];

const ingest: Readonly<Record<string, Rows>> = {
  interactions: events,
  items: [
    { item_id: 10, attributes: { genre: ["<script>alert(1)</script>", "Drama"] } },
    { item_id: 11, attributes: { genre: ["Drama"] } },
    { item_id: 12, attributes: {} },
    { item_id: 13, attributes: { "size <b>": ['"quoted" & long, far longer than its place'] } },
  ],
  users: [
    { user_id: 1, attributes: { gender: ["F"] } },
    { user_id: 2, attributes: { gender: ["M"] } },
  ],
};

const roles = ["context", "train", "test", "test"];
const samples: Readonly<Record<string, Rows>> = {
  timeline: events.map((each, index) => ({ ...each, role: roles[index] ?? "" })),
  samples: events.flatMap((each, index) =>
    index === 0 ? [] : [{ ...each, split: roles[index] ?? "", history_items: [10] }],
  ),
};

const contexts: Readonly<Record<string, Rows>> = {
  user_contexts: [{ user_id: 1, history_items: [10] }],
  item_contexts: [{ item_id: 10, disliker_id: 1 }, { item_id: 11 }],
};

/** The page of a run that has these tables. */
async function pageOf(tables: Readonly<Record<string, Rows>>): Promise<string> {
  for (const [table, rows] of Object.entries(tables)) await makeRunTable(memory.db, table, rows);
  const catalog = Object.fromEntries(Object.keys(tables).map((table) => [table, []]));
  const facts = { name: "my <run>", protocol: "paper", source: 'logs "of" mine' };
  return renderProfile(facts, await collectProfile(memory.db, catalog));
}

/** The text of a page, blanks as one. */
const textOf = (page: string): string => page.replace(/<[^>]*>/g, " ").replace(/\s+/g, " ");

describe("a profile", () => {
  test("shows counts, distributions, time, splits, contexts and attributes", async () => {
    const page = await pageOf({ ...ingest, ...samples, ...contexts });
    const text = textOf(page);
    for (const part of [
      "Interactions 4 Users 2; 2.0 interactions on average",
      "Items 3 of 4 in the catalogue; 1.3 interactions on average",
      "Label 1 50.0 %",
      "Density 66.7 % of all user-item pairs",
      "Period 2000-01-01 to 2000-01-04",
      "1: 50.0 % of the users; 2: 50.0 % of the users", // user 2 has one event, user 1 three
      "0: 25.0 % of the items; 1: 50.0 % of the items; 2: 25.0 % of the items",
      "1 stars: 1; 2 stars: 1; 4 stars: 1; 5 stars: 1",
      "context: 1; train: 1; test: 2",
      "test 2 50.0 % 2 2 50.0 % 2000-01-03 2000-01-04",
      "train, 1 events: 1; test, 1 events: 2",
      "test, cold item: 50.0 %; test, both new: 50.0 %",
      "users, history: 50.0 %; users, none: 50.0 %; test rows, history: 50.0 %",
      "items, disliker only: 33.3 %; items, none: 66.7 %",
      "Items by genre",
      "Users by gender",
    ]) {
      expect(text).toContain(part);
    }
  });

  test("is one file that runs nothing, whatever the data hold", async () => {
    const page = await pageOf({ ...ingest, ...samples, ...contexts });
    expect(page).toContain("default-src 'none'");
    expect(page).not.toMatch(/<script|<b>|src=|href="(?!#)/);
    expect(page).toContain("<title>my &#60;run&#62;: r4ec profile</title>");
    expect(page.match(/<svg/g)?.length).toBe(12);
  });

  test("says which stages the rest waits for", async () => {
    const text = textOf(await pageOf(ingest));
    expect(text).toContain("will appear here once the stage samples has run");
    expect(text).toContain("will appear here once the stage contexts has run");
    expect(text).toContain("interaction: 4"); // the volume has no roles yet
  });

  test("has room for a dataset without ratings that anybody liked, attributes or test rows", async () => {
    const one = { interactions: [event(1, 10, 1, 1)], items: [{ item_id: 10 }], users: [] };
    const page = await pageOf({ ...one, timeline: [], samples: [], ...contexts });
    expect(page).not.toContain('id="attributes"');
    expect(textOf(page)).toContain("Label 1 0.0 %");
  });

  test("shows what was left out of the source, where something was", async () => {
    const steps = [
      { place: 1, step: "read", reason: "", rows: 1000 },
      { place: 2, step: "bad row", reason: "no <time>", rows: 250 },
      { place: 3, step: "kept", reason: "", rows: 750 },
    ];
    const reject = { source: "interactions", reason: "no <time>", file: "it's.csv", line: 1234 };
    const page = await pageOf({ ...ingest, ingest_counts: steps, rejects: [reject] });
    expect(page).toContain('id="source"');
    const text = textOf(page);
    expect(text).toContain("bad row no &#60;time&#62; 250 25.0 %");
    expect(text).toContain("interactions no &#60;time&#62; 1 it&#39;s.csv, 1,234");
    const whole = await pageOf({ ...ingest, ingest_counts: [steps[0] ?? {}], rejects: [] });
    expect(whole).not.toContain('id="source"');
  });

  test("needs a dataset", async () => {
    await expect(collectProfile(memory.db, { samples: [] })).rejects.toMatchObject({
      code: "RUN_INVALID",
      message: expect.stringMatching(
        /^a profile reads the table interactions, .* stage ingest/,
      ) as unknown,
    });
  });
});
