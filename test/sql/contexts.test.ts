import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Row as Answered } from "../../src/tables/database.ts";
import { sqlFile } from "../../src/tables/sql-file.ts";
import { answer, at, makeRunTable, makeTable } from "../util/hand-made-table.ts";
import { useMemoryDatabase } from "../util/memory-database.ts";

const memory = useMemoryDatabase();

type Role = "context" | "train" | "valid" | "test" | "dropped";

/** User, rn, item, rating, history_rn, role. */
type Row = readonly [
  user: number,
  rn: number,
  item: number,
  rating: number,
  history_rn: number,
  role: Role,
];

async function makeTimeline(rows: readonly Row[]): Promise<void> {
  await makeRunTable(
    memory.db,
    "timeline",
    rows.map(([user_id, rn, item_id, rating, history_rn, role]) => {
      const label = rating > 3 ? 1 : 0;
      return { user_id, rn, item_id, rating, label, ts: at(1, rn), history_rn, role };
    }),
  );
}

describe("contexts/user_contexts", () => {
  test("a user's context rows, oldest first, with the time of the last", async () => {
    await makeTimeline([
      [1, 3, 30, 2, 2, "context"],
      [1, 1, 50, 4, 0, "context"],
      [1, 2, 40, 4.5, 1, "context"],
      [1, 4, 20, 3, 3, "dropped"],
      [1, 5, 10, 3, 4, "test"],
    ]);
    expect(await answer(memory.db, "contexts/user_contexts")).toEqual([
      {
        user_id: 1,
        last_ts: at(1, 3),
        history_items: [50, 40, 30],
        history_ratings: [4, 4.5, 2],
      },
    ]);
  });

  test("the last time is the latest, also where the order is by day and times go back", async () => {
    await makeTimeline([
      [1, 1, 10, 4, 0, "context"],
      [1, 2, 20, 4, 1, "context"],
      [1, 3, 30, 4, 2, "train"],
    ]);
    await memory.db.run("update timeline set ts = timestamp '2000-01-01 09:00:00' where rn = 1");
    const [row] = await answer(memory.db, "contexts/user_contexts");
    expect(row?.["last_ts"]).toEqual(new Date("2000-01-01T09:00:00Z"));
  });

  test.each(["train", "valid", "test"] as const)(
    "a user needs a %s row, or another sample, to have a context",
    async (role) => {
      await makeTimeline([
        [1, 1, 10, 4, 0, "context"],
        [1, 2, 20, 4, 0, "dropped"],
        [2, 1, 10, 4, 0, "context"],
        [2, 2, 20, 4, 1, role],
      ]);
      const rows = await answer(memory.db, "contexts/user_contexts");
      expect(rows.map((row) => row["user_id"])).toEqual([2]);
    },
  );
});

describe("contexts/item_ranges", () => {
  test("so many items a range, the rest in the last", async () => {
    const ids = [9, 1, 4, 8, 2].map((id) => [id]);
    await makeTable(memory.db, "items", "item_id integer", ids);
    expect(await answer(memory.db, "contexts/item_ranges", { range_items: 2 })).toEqual([
      { first_item: 1, last_item: 2 },
      { first_item: 4, last_item: 8 },
      { first_item: 9, last_item: 9 },
    ]);
  });
});

describe("contexts/candidate_histories", () => {
  test("the rows that a candidate's history may show, each once", async () => {
    await makeTimeline([
      [1, 1, 10, 4, 0, "context"],
      [1, 2, 20, 4, 1, "context"],
      [1, 3, 30, 4, 2, "context"],
      [1, 4, 90, 5, 3, "train"], // of item 90: shows 2 and 3
      [1, 5, 80, 1, 3, "train"], // of item 80: the same, being tied with it
      [2, 1, 10, 4, 0, "context"],
      [2, 2, 70, 5, 1, "test"],
    ]);
    await memory.db.run(
      `create or replace table candidates as ${sqlFile("contexts/item_candidates")}`,
      { seed: 1 },
    );
    const rows = await answer(memory.db, "contexts/candidate_histories", { history: 2 });
    expect(rows.map(({ user_id, rn }) => [user_id, rn])).toEqual([
      [1, 2],
      [1, 3],
    ]);
  });
});

/** The item contexts of `items` and `timeline`, their candidates found before. */
async function itemContexts(history: number, seed = 1): Promise<readonly Answered[]> {
  await memory.db.run(
    `create or replace table candidates as ${sqlFile("contexts/item_candidates")}`,
    { seed },
  );
  return answer(memory.db, "contexts/item_contexts", { history, first_item: 1, last_item: 1000 });
}

describe("contexts/item_contexts", () => {
  const makeItems = (ids: readonly number[]): Promise<void> =>
    makeTable(
      memory.db,
      "items",
      "item_id integer",
      ids.map((id) => [id]),
    );

  test("a liker and a disliker from training rows, with what each rated before", async () => {
    await makeItems([90]);
    await makeTimeline([
      [1, 1, 10, 4, 0, "context"],
      [1, 2, 20, 2, 1, "context"],
      [1, 3, 30, 5, 2, "train"],
      [1, 4, 90, 5, 3, "train"], // the liker
      [1, 5, 40, 5, 4, "train"],
      [2, 1, 40, 3.5, 0, "context"],
      [2, 2, 50, 1, 1, "context"],
      [2, 3, 90, 3, 2, "train"], // the disliker
      [3, 1, 60, 5, 0, "context"],
      [3, 2, 90, 5, 1, "test"],
      [4, 1, 90, 1, 0, "context"],
      [5, 1, 60, 5, 0, "context"],
      [5, 2, 90, 2, 1, "valid"],
    ]);
    expect(await itemContexts(2)).toEqual([
      {
        item_id: 90,
        liker_id: 1,
        liker_ts: at(1, 4),
        liker_items: [20, 30], // the last two, oldest first
        liker_ratings: [2, 5],
        disliker_id: 2,
        disliker_ts: at(1, 3),
        disliker_items: [40, 50],
        disliker_ratings: [3.5, 1],
      },
    ]);
  });

  test("ties of the chosen event are not in its history, and a short history stays short", async () => {
    await makeItems([90]);
    await makeTimeline([
      [1, 1, 10, 4, 0, "context"],
      [1, 2, 20, 4, 1, "train"],
      [1, 3, 90, 4, 1, "train"], // simultaneous with row 2
    ]);
    const [row] = await itemContexts(10);
    expect(row).toMatchObject({ liker_items: [10], liker_ratings: [4] });
  });

  const nobody = (side: string) => ({
    [`${side}_id`]: null,
    [`${side}_ts`]: null,
    [`${side}_items`]: [],
    [`${side}_ratings`]: [],
  });

  test("an item without dislikers has nulls and empty lists on that side", async () => {
    await makeItems([90]);
    await makeTimeline([
      [1, 1, 10, 4, 0, "context"],
      [1, 2, 90, 4, 1, "train"],
    ]);
    const [row] = await itemContexts(10);
    expect(row).toEqual({
      item_id: 90,
      liker_id: 1,
      liker_ts: at(1, 2),
      liker_items: [10],
      liker_ratings: [4],
      ...nobody("disliker"),
    });
  });

  test("an item nobody rated in training, or at all, has neither", async () => {
    await makeItems([90, 91]);
    await makeTimeline([
      [1, 1, 10, 4, 0, "context"],
      [1, 2, 90, 4, 1, "test"],
    ]);
    expect(await itemContexts(10)).toEqual([
      { item_id: 90, ...nobody("liker"), ...nobody("disliker") },
      { item_id: 91, ...nobody("liker"), ...nobody("disliker") },
    ]);
  });

  // Twenty users who all like items 101 to 120 and dislike items 201 to 220, each after one row of context.
  const likedItems = Array.from({ length: 20 }, (_, k) => 101 + k);
  const crowd: readonly Row[] = Array.from({ length: 20 }, (_, k) => k + 1).flatMap((user) => [
    [user, 1, 1, 4, 0, "context"] as const,
    ...likedItems.map((item, k): Row => [user, 2 + k, item, 5, 1 + k, "train"]),
    ...likedItems.map((item, k): Row => [user, 22 + k, item + 100, 1, 21 + k, "train"]),
  ]);

  /** The rule in the statement's header, by another md5: its last eight bytes as a little-endian number, smallest first. */
  function drawn(seed: number, item: number, rn: number): number {
    const draws = Array.from({ length: 20 }, (_, k) => {
      const digest = createHash("md5")
        .update(`${seed}:${item}:${k + 1}:${rn}`)
        .digest();
      return { user: k + 1, draw: digest.readBigUInt64LE(8) };
    });
    return draws.reduce((best, next) => (next.draw < best.draw ? next : best)).user;
  }

  async function chosen(seed: number): Promise<readonly unknown[]> {
    const rows = await itemContexts(3, seed);
    return rows.map(({ item_id, liker_id, disliker_id }) => [item_id, liker_id, disliker_id]);
  }

  test("of all candidates the one with the smallest md5 is taken", async () => {
    await makeItems(likedItems.flatMap((item) => [item, item + 100]));
    await makeTimeline(crowd);
    expect(await chosen(1)).toEqual([
      ...likedItems.map((item, k) => [item, drawn(1, item, 2 + k), null]),
      ...likedItems.map((item, k) => [item + 100, null, drawn(1, item + 100, 22 + k)]),
    ]);
  });

  test("the same seed chooses the same users in any order of rows, another seed chooses others", async () => {
    await makeItems(likedItems);
    await makeTimeline(crowd);
    const first = await chosen(1);
    await makeTimeline([...crowd].reverse());
    expect(await chosen(1)).toEqual(first);
    expect(await chosen(2)).not.toEqual(first);
  });
});
