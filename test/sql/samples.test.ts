import { describe, expect, test } from "vitest";
import { defineHistoryMacros } from "../../src/dataset/split/history-macros.ts";
import { sqlFile } from "../../src/tables/sql-file.ts";
import { answer, at, makeRunTable } from "../util/hand-made-table.ts";
import { useMemoryDatabase } from "../util/memory-database.ts";

const memory = useMemoryDatabase();

/** User, item, rating, history_rn, role; rn is the place among the user's rows. */
type Row = readonly [
  user: number,
  item: number,
  rating: number,
  history_rn: number,
  role: "context" | "train" | "valid" | "test" | "dropped",
];

/** The samples with histories of up to `history` events. */
async function samplesOf(history: number, users = { first_user: 1, last_user: 9 }) {
  await defineHistoryMacros(memory.db, { protocol: "leakfree", history });
  return answer(memory.db, "samples/samples", { history, ...users });
}

async function makeTimeline(rows: readonly Row[]): Promise<void> {
  const places = new Map<number, number>();
  await makeRunTable(
    memory.db,
    "timeline",
    rows.map(([user_id, item_id, rating, history_rn, role]) => {
      const rn = (places.get(user_id) ?? 0) + 1;
      places.set(user_id, rn);
      const label = rating > 3 ? 1 : 0;
      return { user_id, rn, item_id, rating, label, ts: at(1, rn), history_rn, role };
    }),
  );
}

describe("samples/samples", () => {
  test("every train, valid and test row with what it is; context and dropped rows are none", async () => {
    await makeTimeline([
      [7, 10, 4, 0, "context"],
      [7, 20, 2.5, 1, "dropped"],
      [7, 30, 3, 2, "train"],
      [7, 40, 5, 3, "valid"],
      [7, 50, 1, 4, "test"],
    ]);
    const rows = await samplesOf(10);
    expect(rows).toEqual([
      {
        user_id: 7,
        rn: 3,
        item_id: 30,
        rating: 3,
        label: 0,
        ts: at(1, 3),
        split: "train",
        history_items: [10, 20],
        history_ratings: [4, 2.5],
      },
      {
        user_id: 7,
        rn: 4,
        item_id: 40,
        rating: 5,
        label: 1,
        ts: at(1, 4),
        split: "valid",
        history_items: [10, 20, 30],
        history_ratings: [4, 2.5, 3],
      },
      {
        user_id: 7,
        rn: 5,
        item_id: 50,
        rating: 1,
        label: 0,
        ts: at(1, 5),
        split: "test",
        history_items: [10, 20, 30, 40],
        history_ratings: [4, 2.5, 3, 5],
      },
    ]);
  });

  test("the weight of a row, where the timeline has weights", async () => {
    const events = [0.5, 0, 2].map((weight, k) => ({ weight, rn: k + 1, item_id: 10 * (k + 1) }));
    await makeRunTable(
      memory.db,
      "timeline",
      events.map((event) => {
        const { rn } = event;
        const rest = { rating: 4, label: 1, ts: at(1, rn), history_rn: rn - 1 };
        return { user_id: 7, ...event, ...rest, role: rn === 1 ? "context" : "train" };
      }),
    );
    const rows = await samplesOf(10);
    expect(rows.map(({ rn, weight }) => [rn, weight])).toEqual([
      [2, 0],
      [3, 2],
    ]);
    const names = Object.keys(rows[0] ?? {});
    expect(names.slice(names.indexOf("ts"), names.indexOf("split"))).toEqual(["ts", "weight"]);
  });

  async function histories(rows: readonly Row[], history: number): Promise<unknown> {
    await makeTimeline(rows);
    const samples = await samplesOf(history);
    return samples.map(({ user_id, rn, history_items }) => [user_id, rn, history_items]);
  }

  test("a history keeps the last H events, oldest first", async () => {
    const rows = [10, 20, 30, 40, 50].map((item, k): Row => [1, item, 4, k, "train"]);
    expect(await histories(rows, 3)).toEqual([
      [1, 1, []],
      [1, 2, [10]],
      [1, 3, [10, 20]],
      [1, 4, [10, 20, 30]],
      [1, 5, [20, 30, 40]],
    ]);
  });

  test("rows between history_rn and rn, the row's ties, are never in its history", async () => {
    // Rows 3, 4 and 5 are simultaneous: each sees rows 1 and 2 only; row 6 sees all five.
    const rows: readonly Row[] = [
      [1, 10, 4, 0, "context"],
      [1, 20, 4, 1, "context"],
      [1, 30, 4, 2, "train"],
      [1, 40, 4, 2, "train"],
      [1, 50, 4, 2, "train"],
      [1, 60, 4, 5, "train"],
    ];
    expect(await histories(rows, 4)).toEqual([
      [1, 3, [10, 20]],
      [1, 4, [10, 20]],
      [1, 5, [10, 20]],
      [1, 6, [20, 30, 40, 50]],
    ]);
  });

  test("a row whose history ends before the user's first row has an empty one", async () => {
    const rows: readonly Row[] = [
      [1, 10, 4, 0, "train"],
      [1, 20, 4, 0, "train"],
    ];
    expect(await histories(rows, 2)).toEqual([
      [1, 1, []],
      [1, 2, []],
    ]);
  });

  test("no history crosses from one user to the next", async () => {
    const rows: readonly Row[] = [
      [1, 10, 4, 0, "context"],
      [1, 20, 4, 1, "test"],
      [2, 30, 4, 0, "context"],
      [2, 40, 4, 1, "test"],
    ];
    expect(await histories(rows, 5)).toEqual([
      [1, 2, [10]],
      [2, 2, [30]],
    ]);
  });

  test("a part holds the users of its range, both ends included", async () => {
    await makeTimeline([1, 2, 3, 4].map((user): Row => [user, 10, 4, 0, "test"]));
    const rows = await samplesOf(5, { first_user: 2, last_user: 3 });
    expect(rows.map((row) => row["user_id"])).toEqual([2, 3]);
  });
});

describe("samples/user_ranges", () => {
  test("cuts the users where a part is full, never a user in two", async () => {
    // Events until each user: 2, 3, 7, 8, 9. Cut at 3 and 6: user 3 crosses 6 and goes with those after it.
    const counts = [2, 1, 4, 1, 1];
    await makeTimeline(
      counts.flatMap((count, k) =>
        Array.from({ length: count }, (_, n): Row => [k + 1, n + 1, 4, n, "train"]),
      ),
    );
    expect(await memory.db.rows(sqlFile("samples/user_ranges"), { part_rows: 3 })).toEqual([
      { first_user: 1, last_user: 2 },
      { first_user: 3, last_user: 5 },
    ]);
    expect(await memory.db.rows(sqlFile("samples/user_ranges"), { part_rows: 100 })).toEqual([
      { first_user: 1, last_user: 5 },
    ]);
  });
});
