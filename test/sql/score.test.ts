import { describe, expect, test } from "vitest";
import { sqlFile } from "../../src/tables/sql-file.ts";
import { makeRunTable, makeTable } from "../util/hand-made-table.ts";
import { useMemoryDatabase } from "../util/memory-database.ts";

const memory = useMemoryDatabase();

const columns = `row bigint, user_id integer, given_user varchar, item_id integer, given_item varchar,
  is_items_given boolean, history_items integer[], is_ratings_given boolean, history_ratings float[],
  given_ts varchar, ts_us double`;

describe("score/row_faults and score/rows", () => {
  test("score/row_faults: the first thing wrong with each row, in the file's order", async () => {
    const ids = [7, "7", 9, "9"] as const;
    await makeTable(memory.db, "score_rows", columns, [
      [1, ...ids, false, null, false, null, null, null],
      [2, ...ids, true, [], true, [], "2024-01-31", 5],
      [9, null, "x", null, "y", false, null, false, null, null, null],
      [3, 7, "7", null, null, false, null, false, null, null, null],
      [4, ...ids, false, null, false, null, "soon", null],
      [5, ...ids, true, [1], false, null, null, null],
      [6, ...ids, true, [1, null], true, [4, 5], null, null],
      [7, ...ids, true, [1], true, null, null, null],
      [8, ...ids, true, [1, 2], true, [4], null, null],
    ]);
    const faults = await memory.db.rows(sqlFile("score/row_faults"));
    expect(faults.map((fault) => [fault["row"], fault["fault"]])).toEqual([
      [3, "item"],
      [4, "ts"],
      [5, "half a history"],
      [6, "history items"],
      [7, "history ratings"],
      [8, "lengths"],
      [9, "user"],
    ]);
    expect(faults[0]).toMatchObject({ given_user: "7", given_item: "null", given_ts: "null" });
  });

  test("score/rows: an empty history is one, a missing one is not; no time is the end of time", async () => {
    await makeTable(memory.db, "score_rows", columns, [
      [2, 7, "7", 9, "9", true, [], true, [], "2024-01-31", 5],
      [1, 8, "8", 3, "3", false, null, false, null, null, null],
      [3, 8, "8", 3, "3", true, [1, 2], true, [4, 3.5], null, null],
    ]);
    expect(await memory.db.rows(sqlFile("score/rows"))).toEqual([
      row({ user_id: 8, item_id: 3, has_history: 0 }),
      row({ user_id: 7, item_id: 9, before_us: 5 }),
      row({ user_id: 8, item_id: 3, history_items: [1, 2], history_ratings: [4, 3.5] }),
    ]);
  });

  function row(given: object): object {
    const empty = { history_items: [], history_ratings: [] };
    return { has_history: 1, ...empty, before_us: Infinity, ...given };
  }
});

test("score/events: each user's events in order of time, ties in the user's own order", async () => {
  const at = (second: number): Date => new Date(second * 1000);
  await makeRunTable(memory.db, "timeline", [
    { user_id: 2, rn: 1, item_id: 5, rating: 4, ts: at(9) },
    { user_id: 1, rn: 2, item_id: 6, rating: 3, ts: at(2) },
    { user_id: 1, rn: 1, item_id: 7, rating: 2, ts: at(3) },
    { user_id: 1, rn: 3, item_id: 8, rating: 1, ts: at(2) },
  ]);
  expect(await memory.db.rows(sqlFile("score/events"))).toEqual([
    { user_id: 1, item_id: 6, rating: 3, time_us: 2_000_000 },
    { user_id: 1, item_id: 8, rating: 1, time_us: 2_000_000 },
    { user_id: 1, item_id: 7, rating: 2, time_us: 3_000_000 },
    { user_id: 2, item_id: 5, rating: 4, time_us: 9_000_000 },
  ]);
});

test("score/vector_users: who has a vector and no sample", async () => {
  await makeRunTable(memory.db, "samples", [{ user_id: 2 }, { user_id: 2 }]);
  await makeRunTable(memory.db, "user_embeddings", [
    { user_id: 3, vector: [1] },
    { user_id: 2, vector: [1] },
    { user_id: 1, vector: [1] },
    { user_id: 4, vector: null },
  ]);
  expect(await memory.db.rows(sqlFile("score/vector_users"))).toEqual([
    { user_id: 1 },
    { user_id: 3 },
  ]);
});
