import { describe, expect, test } from "vitest";
import { sqlFile } from "../../src/tables/sql-file.ts";
import { at, makeRunTable } from "../util/hand-made-table.ts";
import { useMemoryDatabase } from "../util/memory-database.ts";

const memory = useMemoryDatabase();

describe("knowledge/items", () => {
  test("items by id, attributes as JSON", async () => {
    await makeRunTable(memory.db, "items", [
      { item_id: 2, title: 'The "B"', year: null, attributes: {} },
      { item_id: 1, title: "A", year: 1995, attributes: { genre: ["Drama", "Children's"] } },
      { item_id: 3, title: "C", year: 2000 },
    ]);
    expect(await memory.db.rows(sqlFile("knowledge/items"), { most: 99 })).toEqual([
      { item_id: 1, title: "A", year: 1995, attributes: '{"genre":["Drama","Children\'s"]}' },
      { item_id: 2, title: 'The "B"', year: null, attributes: "{}" },
      { item_id: 3, title: "C", year: 2000, attributes: null },
    ]);
  });
});

describe("knowledge/items, cut", () => {
  test("the first characters of texts and the first values of attributes", async () => {
    await makeRunTable(memory.db, "items", [
      { item_id: 1, title: "Solaris", year: null, attributes: { mood: ["dark", "slow", "odd"] } },
    ]);
    expect(await memory.db.rows(sqlFile("knowledge/items"), { most: 2 })).toEqual([
      { item_id: 1, title: "So", year: null, attributes: '{"mood":["da","sl"]}' },
    ]);
  });
});

describe("knowledge/user_contexts", () => {
  test("histories by user", async () => {
    await makeRunTable(memory.db, "user_contexts", [
      { user_id: 9, last_ts: at(1), history_items: [1], history_ratings: [0.5] },
      { user_id: 4, last_ts: at(2), history_items: [3, 2], history_ratings: [4, 5] },
    ]);
    expect(await memory.db.rows(sqlFile("knowledge/user_contexts"))).toEqual([
      { user_id: 4, last_day: "2000-01-02", history_items: [3, 2], history_ratings: [4, 5] },
      { user_id: 9, last_day: "2000-01-01", history_items: [1], history_ratings: [0.5] },
    ]);
  });

  test("a time that only counts events is no day", async () => {
    const last_ts = new Date("1970-01-01T00:00:09Z");
    await makeRunTable(memory.db, "user_contexts", [
      { user_id: 4, last_ts, history_items: [3], history_ratings: [4] },
    ]);
    const [row] = await memory.db.rows(sqlFile("knowledge/user_contexts"));
    expect(row).toMatchObject({ user_id: 4, last_day: null });
  });
});

describe("knowledge/item_contexts", () => {
  test("both sides by item, without their times", async () => {
    const disliker = { disliker_id: 7, disliker_items: [1, 2], disliker_ratings: [3, 1] };
    await makeRunTable(memory.db, "item_contexts", [
      { item_id: 6, liker_items: [], liker_ratings: [], disliker_ts: at(1), ...disliker },
      { item_id: 5, liker_id: 8, liker_items: [4], liker_ratings: [5], liker_ts: at(1) },
    ]);
    expect(await memory.db.rows(sqlFile("knowledge/item_contexts"))).toEqual([
      {
        item_id: 5,
        liker_id: 8,
        liker_items: [4],
        liker_ratings: [5],
        disliker_id: null,
        disliker_items: null,
        disliker_ratings: null,
      },
      { item_id: 6, liker_id: null, liker_items: [], liker_ratings: [], ...disliker },
    ]);
  });
});
