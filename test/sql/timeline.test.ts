import { describe, expect, test } from "vitest";
import { answer, at, makeRunTable } from "../util/hand-made-table.ts";
import { useMemoryDatabase } from "../util/memory-database.ts";

const memory = useMemoryDatabase();

/** User, item, time; the place in the list is the place in the file. */
type Event = readonly [user: number, item: number, ts: Date];

interface Shares {
  readonly context_rows: number;
  readonly valid_share?: number;
  readonly test_share?: number;
}

/** Each row of a timeline as "user.rn item role history_rn". */
async function timeline(
  protocol: "reference" | "paper" | "leakfree",
  events: readonly Event[],
  { context_rows, valid_share = 0, test_share = 0 }: Shares,
): Promise<readonly string[]> {
  await makeRunTable(
    memory.db,
    "interactions",
    events.map(([user_id, item_id, ts], file_row) => {
      return { user_id, item_id, rating: 4, label: 1, ts, file_row };
    }),
  );
  // What dataset/cuts-task finds without holding all timestamps.
  await memory.db.run(
    `create or replace table cuts as
     select *, train_until + interval 1 microsecond as valid_from, valid_until + interval 1 microsecond as test_from
     from (select quantile_disc(ts, ${1 - test_share - valid_share}::decimal(18, 9)) as train_until,
                  quantile_disc(ts, ${1 - test_share}::decimal(18, 9)) as valid_until from interactions)`,
  );
  const rows = await answer(memory.db, `timeline/${protocol}`, { context_rows });
  return rows.map(
    ({ user_id, rn, item_id, role, history_rn }) =>
      `${String(user_id)}.${String(rn)} ${String(item_id)} ${String(role)} ${String(history_rn)}`,
  );
}

/** `count` events of one user, a second apart, items 1, 2, … */
const apart = (user: number, count: number): readonly Event[] =>
  Array.from({ length: count }, (_, k) => [user, k + 1, at(1, k + 1)]);

/** The roles of rows in order, counted: ["context 2", "train 3"]. */
function runs(lines: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const line of lines) {
    const role = line.split(" ")[2] ?? "";
    counts.set(role, (counts.get(role) ?? 0) + 1);
  }
  return [...counts].map(([role, count]) => `${role} ${count}`);
}

describe.each(["reference", "paper", "leakfree"] as const)("timeline/%s", (protocol) => {
  test("keeps each row's weight, where interactions have weights", async () => {
    await makeRunTable(
      memory.db,
      "interactions",
      [0.25, 0, 3].map((weight, k) => {
        const event = { user_id: 1, item_id: 9 - k, rating: 4, label: 1, ts: at(4 - k) };
        return { ...event, weight, file_row: k };
      }),
    );
    await memory.db.run(
      "create or replace table cuts as select timestamp '2001-01-01' as train_until, null::timestamp as valid_from, null::timestamp as valid_until, null::timestamp as test_from",
    );
    const rows = await answer(memory.db, `timeline/${protocol}`, { context_rows: 1 });
    expect(rows.map(({ rn, item_id, weight }) => [rn, item_id, weight])).toEqual([
      [1, 7, 3],
      [2, 8, 0],
      [3, 9, 0.25],
    ]);
    expect(Object.keys(rows[0] ?? {}).slice(5, 8)).toEqual(["ts", "weight", "history_rn"]);
  });
});

describe("timeline/reference", () => {
  test("rows of a day stand in file order, whatever their hour; days are cut at midnight UTC", async () => {
    const events: readonly Event[] = [
      [1, 50, at(2, 0)], // the first second of day 2
      [1, 40, at(1, 86_399)], // the last second of day 1, before it all the same
      [1, 30, at(2, 70_000)],
      [1, 20, at(2, 10)], // earlier than item 30, but later in the file
      [1, 10, at(3)],
    ];
    expect(await timeline("reference", events, { context_rows: 1 })).toEqual([
      "1.1 40 context 0",
      "1.2 50 dropped 1",
      "1.3 30 train 2",
      "1.4 20 train 3",
      "1.5 10 train 4", // its index 4 is floor(0.8 * 5)
    ]);
  });

  // Counted from 0: 0 to 9 context, 10 dropped, 11 to floor(0.8 n) train, the rest test.
  test.each([
    { n: 11, roles: ["context 10", "dropped 1"] },
    { n: 12, roles: ["context 10", "dropped 1", "test 1"] }, // floor(9.6) = 9: row 11 is past it
    { n: 13, roles: ["context 10", "dropped 1", "test 2"] }, // floor(10.4) = 10
    { n: 14, roles: ["context 10", "dropped 1", "train 1", "test 2"] }, // floor(11.2) = 11
    { n: 15, roles: ["context 10", "dropped 1", "train 2", "test 2"] }, // 12 exactly, and row 12 is train
    { n: 20, roles: ["context 10", "dropped 1", "train 6", "test 3"] }, // 16 exactly
  ])("the border of a user with $n rows lies behind row floor(0.8 n)", async ({ n, roles }) => {
    expect(runs(await timeline("reference", apart(7, n), { context_rows: 10 }))).toEqual(roles);
  });

  test("splits each user apart", async () => {
    const lines = await timeline("reference", [...apart(1, 4), ...apart(2, 5)], {
      context_rows: 1,
    });
    expect(lines).toEqual([
      "1.1 1 context 0",
      "1.2 2 dropped 1",
      "1.3 3 train 2",
      "1.4 4 train 3", // index 3 is floor(3.2)
      "2.1 1 context 0",
      "2.2 2 dropped 1",
      "2.3 3 train 2",
      "2.4 4 train 3",
      "2.5 5 train 4", // index 4 is floor(4.0)
    ]);
  });
});

describe("timeline/paper", () => {
  test("the latest fifth of all rows is test, whoever they belong to", async () => {
    // Ten rows of two users in turn: seconds 1, 3, 5, 7, 9 and 2, 4, 6, 8, 10. The cut lies behind the eighth.
    const events = Array.from({ length: 10 }, (_, k): Event => [1 + (k % 2), k, at(1, k + 1)]);
    expect(await timeline("paper", events, { context_rows: 1, test_share: 0.2 })).toEqual([
      "1.1 0 context 0",
      "1.2 2 train 1",
      "1.3 4 train 2",
      "1.4 6 train 3",
      "1.5 8 test 4",
      "2.1 1 context 0",
      "2.2 3 train 1",
      "2.3 5 train 2",
      "2.4 7 train 3",
      "2.5 9 test 4",
    ]);
  });

  test("rows of one instant stand in order of item and may serve each other as history", async () => {
    const events: readonly Event[] = [
      [1, 30, at(1, 5)],
      [1, 10, at(1, 5)],
      [1, 20, at(1, 5)],
      [1, 90, at(1, 1)],
      [1, 80, at(1, 9)],
    ];
    expect(await timeline("paper", events, { context_rows: 1, test_share: 0.2 })).toEqual([
      "1.1 90 context 0",
      "1.2 10 train 1",
      "1.3 20 train 2",
      "1.4 30 train 3",
      "1.5 80 test 4",
    ]);
  });

  test("rows of the instant at the cut all fall before it", async () => {
    // Half of four rows: the cut is the second row's instant, which three rows share.
    const events: readonly Event[] = [
      [1, 1, at(1, 1)],
      [1, 2, at(1, 5)],
      [2, 3, at(1, 5)],
      [3, 4, at(1, 5)],
    ];
    const lines = await timeline("paper", events, { context_rows: 0, test_share: 0.5 });
    expect(runs(lines)).toEqual(["train 4"]);
  });

  test("rows of the context stay context behind the cut", async () => {
    const events: readonly Event[] = [...apart(1, 4), [2, 1, at(9)]];
    const lines = await timeline("paper", events, { context_rows: 1, test_share: 0.2 });
    expect(lines.at(-1)).toBe("2.1 1 context 0");
  });
});

describe("timeline/leakfree", () => {
  const shares = { valid_share: 0.1, test_share: 0.2 };

  test("of ten rows seven lie before the first cut and eight before the second", async () => {
    const lines = await timeline("leakfree", apart(1, 10), { context_rows: 1, ...shares });
    expect(lines).toEqual([
      "1.1 1 context 0",
      ...[2, 3, 4, 5, 6, 7].map((rn) => `1.${rn} ${rn} train ${rn - 1}`),
      "1.8 8 valid 7",
      "1.9 9 test 8",
      "1.10 10 test 9",
    ]);
  });

  test.each([20, 40, 90, 110])("the shares are exact for %d rows", async (n) => {
    const lines = await timeline("leakfree", apart(1, n), { context_rows: 0, ...shares });
    expect(runs(lines)).toEqual([`train ${(n / 10) * 7}`, `valid ${n / 10}`, `test ${n / 5}`]);
  });

  test("a row's history ends before the first row of its own instant", async () => {
    const events: readonly Event[] = [
      [1, 9, at(1, 1)],
      [1, 30, at(1, 5)],
      [1, 10, at(1, 5)],
      [1, 20, at(1, 5)],
      [1, 40, at(1, 6)],
    ];
    const lines = await timeline("leakfree", events, {
      context_rows: 1,
      valid_share: 0.001,
      test_share: 0.001,
    });
    expect(lines).toEqual([
      "1.1 9 context 0",
      "1.2 10 train 1",
      "1.3 20 train 1",
      "1.4 30 train 1",
      "1.5 40 train 4",
    ]);
  });

  test("rows of the same instant as the tenth are dropped with ten rows of context", async () => {
    const tied: readonly Event[] = [
      [1, 11, at(1, 10)],
      [1, 12, at(1, 10)],
      [1, 13, at(1, 11)],
    ];
    const lines = await timeline("leakfree", [...apart(1, 10), ...tied, ...apart(2, 17)], {
      context_rows: 10,
      ...shares,
    });
    // The 21st of the 30 rows lies at second 10, the 24th at second 11.
    expect(lines.slice(8, 13)).toEqual([
      "1.9 9 context 8",
      "1.10 10 context 9",
      "1.11 11 dropped 9",
      "1.12 12 dropped 9",
      "1.13 13 valid 12",
    ]);
  });

  test("rows of an instant at a cut all fall before it", async () => {
    // Shares of a fifth: the cuts are the instants of the sixth row (second 6) and the eighth (second 8).
    const seconds = [1, 2, 3, 4, 5, 6, 6, 8, 8, 10];
    const events = seconds.map((second, item): Event => [1, item, at(1, second)]);
    const lines = await timeline("leakfree", events, {
      context_rows: 1,
      valid_share: 0.2,
      test_share: 0.2,
    });
    expect(runs(lines)).toEqual(["context 1", "train 6", "valid 2", "test 1"]);
  });

  test("rows between two splits are in the gap, and serve as history all the same", async () => {
    await timeline("leakfree", apart(1, 10), { context_rows: 1 });
    const cuts = (columns: Readonly<Record<string, Date>>) =>
      makeRunTable(memory.db, "cuts", [columns]);
    await cuts({
      ...{ train_until: at(1, 3), valid_from: at(1, 5) },
      ...{ valid_until: at(1, 6), test_from: at(1, 9) },
    });
    const placed = async (protocol: "leakfree" | "paper") =>
      (await answer(memory.db, `timeline/${protocol}`, { context_rows: 1 })).map(
        ({ rn, role, history_rn }) => `${String(rn)} ${String(role)} ${String(history_rn)}`,
      );
    expect(await placed("leakfree")).toEqual([
      ...["1 context 0", "2 train 1", "3 train 2", "4 gap 3", "5 valid 4", "6 valid 5"],
      ...["7 gap 6", "8 gap 7", "9 test 8", "10 test 9"],
    ]);
    await cuts({ train_until: at(1, 6), test_from: at(1, 9) });
    expect(await placed("paper")).toEqual([
      ...["1 context 0", "2 train 1", "3 train 2", "4 train 3", "5 train 4", "6 train 5"],
      ...["7 gap 6", "8 gap 7", "9 test 8", "10 test 9"],
    ]);
  });

  test("a user with fewer rows than the context has nothing else", async () => {
    const lines = await timeline("leakfree", [...apart(1, 20), [2, 1, at(9)], [2, 2, at(9)]], {
      context_rows: 3,
      ...shares,
    });
    expect(lines.slice(-2)).toEqual(["2.1 1 context 0", "2.2 2 context 0"]);
  });
});

describe("timeline/short_users", () => {
  test("shows the first three users below the need, and how many there are", async () => {
    const events = [1, 2, 3, 4, 5].flatMap((user) => apart(user, user === 3 ? 9 : user));
    await timeline("reference", events, { context_rows: 1 });
    expect(await memory.db.rows("select count(*) as n from interactions")).toEqual([{ n: 21 }]);
    expect(await answer(memory.db, "timeline/short_users", { needed: 6 })).toEqual([
      { user_id: 1, events: 1, short_users: 4 },
      { user_id: 2, events: 2, short_users: 4 },
      { user_id: 4, events: 4, short_users: 4 },
    ]);
    expect(await answer(memory.db, "timeline/short_users", { needed: 1 })).toEqual([]);
  });
});
