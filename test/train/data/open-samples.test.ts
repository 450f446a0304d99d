import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadItemFeatures } from "../../../src/train/data/item-features.ts";
import type { Catalog } from "../../../src/flow/stage.ts";
import { loadSampleFacts } from "../../../src/train/data/load-sample-facts.ts";
import { openSamples } from "../../../src/train/data/open-samples.ts";
import type { SampleSplit } from "../../../src/train/data/sample-split.ts";
import type { SplitColumns } from "../../../src/train/data/split-columns.ts";
import { openRunFolder, sample, type RunFolder } from "../run-folder.ts";

let run: RunFolder;
beforeEach(async () => {
  run = await openRunFolder();
});
afterEach(() => run.close());

const films = [
  { id: 30, attributes: { genre: ["War", "Drama"], tone: ["dark"] } },
  { id: 10, attributes: { genre: ["Drama"], tone: ["dark"] } },
  { id: 20, attributes: { genre: ["Action"] } },
  { id: 40, attributes: {} },
];

/** Two users, three splits, ratings 1, 3.5 and 5 in the histories. */
const rows = [
  sample({
    user_id: 7,
    rn: 5,
    item_id: 10,
    label: 0,
    split: "test",
    history_items: [20, 30, 40],
    history_ratings: [5, 1, 3.5],
  }),
  sample({ user_id: 7, rn: 4, item_id: 40, history_items: [20, 30], history_ratings: [5, 1] }),
  sample({ user_id: 3, rn: 2, item_id: 30, label: 0, history_items: [10], history_ratings: [3.5] }),
  sample({ user_id: 3, rn: 1, item_id: 10 }),
  sample({
    user_id: 3,
    rn: 3,
    item_id: 20,
    split: "valid",
    history_items: [10, 30],
    history_ratings: [3.5, 1],
  }),
];

const genre = { attributes: ["genre"], attributeValues: "first" } as const;

async function tables(samples = rows): Promise<Catalog> {
  return {
    items: [await run.writeItems(films)],
    samples: [await run.writeTable("samples", samples)],
  };
}

/** The samples of a run, in memory. */
async function open(inputs: Catalog, history: number | "all") {
  await run.mount(inputs);
  const { index: items } = await loadItemFeatures(run.db, genre);
  const facts = await loadSampleFacts(run.db, history);
  const { context } = run;
  return openSamples(run.db, { facts, items, memoryRows: 100, parts: [], context });
}

async function load(history: number | "all") {
  const samples = await open(await tables(), history);
  return {
    ...samples,
    train: await columnsOf(samples.train),
    valid: await columnsOf(samples.valid),
    test: await columnsOf(samples.test),
  };
}

async function columnsOf(split: SampleSplit): Promise<SplitColumns> {
  for await (const { columns } of split.inOrder()) return columns;
  throw new Error("no rows");
}

describe("openSamples, in memory", () => {
  test("orders rows by user and place, whatever order the file has", async () => {
    const { users, train, valid, test: testRows } = await load("all");
    expect([...users.ids]).toEqual([3, 7]);
    expect([...train.users]).toEqual([1, 1, 2]);
    expect([...train.places]).toEqual([1, 2, 4]);
    expect([...train.items]).toEqual([1, 3, 4]);
    expect([...train.labels]).toEqual([1, 0, 1]);
    expect([valid.rows, testRows.rows]).toEqual([1, 1]);
  });

  test("counts rows and positives by split", async () => {
    const { sizes, train } = await open(await tables(), "all");
    expect(sizes).toEqual({
      train: { rows: 3, positives: 2 },
      valid: { rows: 1, positives: 1 },
      test: { rows: 1, positives: 0 },
    });
    expect(train).toMatchObject(sizes.train);
  });

  test("pads histories on the right to the longest of all splits, oldest first", async () => {
    const { history, ratings, train, test: testRows } = await load("all");
    expect(history).toBe(3);
    expect(ratings).toEqual([1, 3.5, 5]);
    expect([...train.historyLengths]).toEqual([0, 1, 2]);
    expect([...train.historyItems]).toEqual([0, 0, 0, 1, 0, 0, 2, 3, 0]);
    expect([...train.historyRatings]).toEqual([0, 0, 0, 2, 0, 0, 3, 1, 0]);
    expect([...testRows.historyItems]).toEqual([2, 3, 4]);
  });

  test("keeps the most recent events of a longer history", async () => {
    const { train, test: testRows } = await load(2);
    expect([...testRows.historyItems]).toEqual([3, 4]);
    expect([...testRows.historyRatings]).toEqual([1, 2]);
    expect([...testRows.historyLengths]).toEqual([2]);
    expect([...train.historyItems]).toEqual([0, 0, 1, 0, 2, 3]);
  });

  test.each([
    ["the target", sample({ user_id: 7, rn: 9, item_id: 99, split: "test" })],
    [
      "in the history",
      sample({
        user_id: 7,
        rn: 9,
        item_id: 10,
        split: "test",
        history_items: [99],
        history_ratings: [1],
      }),
    ],
  ])("names an item that the catalogue lacks, %s", async (role, row) => {
    const inputs = await tables([...rows, row]);
    await expect(open(inputs, "all")).rejects.toMatchObject({
      code: "INPUT_INVALID",
      message: expect.stringContaining(`item 99, ${role} of user 7 at place 9 (test)`) as string,
    });
  });

  test("refuses samples without test rows", async () => {
    await expect(open(await tables(rows.slice(1)), "all")).rejects.toThrow(
      "samples: there are no test rows",
    );
  });
});
