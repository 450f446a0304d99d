import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { sqlFile } from "../../src/tables/sql-file.ts";
import { answer, at, makeRunTable } from "../util/hand-made-table.ts";
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

/** Contexts of so many rows; which ones does not matter here. */
function makeUserContexts(rows: readonly (readonly [user: number, events: number])[]) {
  return makeRunTable(
    memory.db,
    "user_contexts",
    rows.map(([user_id, events]) => ({
      user_id,
      last_ts: at(1),
      history_items: Array.from({ length: events }, (_, k) => 10 + k),
      history_ratings: Array.from({ length: events }, () => 4),
    })),
  );
}

/** md5 of the words joined by colons: its last eight bytes as a little-endian number. */
function md5Number(...words: readonly (string | number)[]): bigint {
  return createHash("md5").update(words.join(":")).digest().readBigUInt64LE(8);
}

/** The ids with the smallest md5 of (seed, id), in order of id. */
function drawn(ids: readonly number[], seed: number, count: number): readonly number[] {
  const ranked = [...ids].sort((a, b) => (md5Number(seed, a) < md5Number(seed, b) ? -1 : 1));
  return ranked.slice(0, count).sort((a, b) => a - b);
}

describe("construct/user_targets", () => {
  const all = { share: 1, seed: 1 };

  test("the first event strictly later than the context, trained on or dropped, never scored", async () => {
    await makeUserContexts([
      [1, 2],
      [2, 2],
      [3, 2],
      [4, 2],
      [5, 2],
    ]);
    await makeTimeline([
      [1, 1, 10, 5, 0, "context"],
      [1, 2, 11, 5, 1, "context"],
      [1, 3, 12, 5, 1, "dropped"], // of the same instant as row 2
      [1, 4, 13, 2, 3, "train"], // the target
      [1, 5, 14, 5, 4, "train"],
      [2, 1, 10, 5, 0, "context"],
      [2, 2, 11, 5, 1, "context"],
      [2, 3, 15, 4, 2, "dropped"], // the target, as under protocol reference
      [2, 4, 16, 1, 3, "train"],
      [3, 1, 10, 5, 0, "context"],
      [3, 2, 11, 5, 1, "context"],
      [3, 3, 12, 5, 2, "valid"],
      [3, 4, 13, 5, 3, "test"],
      [4, 1, 10, 5, 0, "context"],
      [4, 2, 11, 5, 1, "context"],
      [4, 3, 12, 5, 1, "dropped"],
      [4, 4, 13, 5, 3, "test"],
      [6, 1, 10, 5, 0, "context"],
      [6, 2, 11, 5, 0, "dropped"],
    ]);
    expect(await answer(memory.db, "construct/user_targets", all)).toEqual([
      { user_id: 1, item_id: 13, label: 0, ts: at(1, 4) },
      { user_id: 2, item_id: 15, label: 1, ts: at(1, 3) },
    ]);
  });

  const crowd = Array.from({ length: 100 }, (_, k) => 1 + k);
  const makeCrowd = async (users: readonly number[]): Promise<void> => {
    await makeUserContexts(users.map((user) => [user, 1]));
    await makeTimeline(
      users.flatMap((user): Row[] => [
        [user, 1, 10, 5, 0, "context"],
        [user, 2, 11, 5, 1, "train"],
      ]),
    );
  };
  const chosen = async (share: number, seed: number): Promise<readonly unknown[]> => {
    const rows = await answer(memory.db, "construct/user_targets", { share, seed });
    return rows.map((row) => row["user_id"]);
  };

  test.each([
    [0.4, 40],
    [0.07, 7], // 7.000000000000001 in doubles
    [0.401, 41],
    [1, 100],
  ])("a share of %d of 100 users is the %d with the smallest md5", async (share, count) => {
    await makeCrowd(crowd);
    expect(await chosen(share, 3)).toEqual(drawn(crowd, 3, count));
  });

  test("the same seed chooses the same users in any order of rows, another seed others", async () => {
    await makeCrowd([...crowd].reverse());
    expect(await chosen(0.4, 1)).toEqual(drawn(crowd, 1, 40));
    expect(await chosen(0.4, 2)).not.toEqual(drawn(crowd, 1, 40));
  });
});

describe("construct/item_targets", () => {
  const contexts = (rows: readonly (readonly [number, number | null, number | null])[]) =>
    makeRunTable(
      memory.db,
      "item_contexts",
      rows.map(([item_id, liker_id, disliker_id]) => ({ item_id, liker_id, disliker_id })),
    );

  test("a further user's training event with the history before it", async () => {
    await contexts([
      [90, 1, 2],
      [91, 1, null],
      [92, null, null],
    ]);
    await makeTimeline([
      [1, 1, 10, 4, 0, "context"],
      [1, 2, 90, 5, 1, "train"], // the liker of 90
      [1, 3, 91, 5, 2, "train"], // the liker of 91, whom nobody else rated in training
      [2, 1, 90, 1, 0, "train"], // the disliker
      [3, 1, 10, 5, 0, "context"],
      [3, 2, 20, 4, 1, "context"],
      [3, 3, 30, 3, 2, "context"],
      [3, 4, 40, 2, 3, "train"],
      [3, 5, 90, 2, 3, "train"], // the target, simultaneous with row 4
      [3, 6, 50, 2, 5, "train"],
      [4, 1, 90, 5, 0, "context"],
      [5, 1, 90, 5, 0, "dropped"],
      [5, 2, 91, 5, 0, "valid"],
      [6, 1, 90, 5, 0, "test"],
    ]);
    const params = { share: 1, seed: 1, history: 2 };
    expect(await answer(memory.db, "construct/item_targets", params)).toEqual([
      {
        item_id: 90,
        target_user_id: 3,
        label: 0,
        ts: at(1, 5),
        history_items: [20, 30], // the last two, oldest first
        history_ratings: [4, 3],
      },
    ]);
  });

  test("a target without a history has empty lists", async () => {
    await contexts([[90, 1, null]]);
    await makeTimeline([
      [1, 1, 90, 5, 0, "train"],
      [2, 1, 90, 5, 0, "train"],
    ]);
    const params = { share: 1, seed: 1, history: 2 };
    expect(await answer(memory.db, "construct/item_targets", params)).toMatchObject([
      { target_user_id: 2, label: 1, history_items: [], history_ratings: [] },
    ]);
  });

  test("of all candidates the smallest md5 is taken, of all items the smallest share", async () => {
    const items = Array.from({ length: 20 }, (_, k) => 101 + k);
    const users = Array.from({ length: 20 }, (_, k) => 1 + k);
    await contexts(items.map((item) => [item, 1, 2]));
    await makeTimeline(
      users.flatMap((user) => items.map((item, k): Row => [user, 1 + k, item, 5, k, "train"])),
    );
    const rows = await answer(memory.db, "construct/item_targets", {
      share: 0.4,
      seed: 5,
      history: 3,
    });
    const targetOf = (item: number): number => {
      const draws = users.slice(2).map((user) => ({
        user,
        draw: md5Number(5, "target", item, user, item - 100),
      }));
      return draws.reduce((best, next) => (next.draw < best.draw ? next : best)).user;
    };
    expect(rows.map(({ item_id, target_user_id }) => [item_id, target_user_id])).toEqual(
      drawn(items, 5, 8).map((item) => [item, targetOf(item)]),
    );
  });
});

describe("construct/user_cases and construct/item_cases", () => {
  test("each target with its user's context, by user", async () => {
    await makeUserContexts([
      [1, 2],
      [2, 1],
      [3, 1],
    ]);
    await makeRunTable(memory.db, "user_targets", [
      { user_id: 3, item_id: 30, label: 1, ts: at(2) },
      { user_id: 1, item_id: 31, label: 0, ts: at(2) },
    ]);
    const first = { item_id: 31, label: 0, last_day: "2000-01-01" };
    const second = { item_id: 30, label: 1, last_day: "2000-01-01" };
    expect(await memory.db.rows(sqlFile("construct/user_cases"))).toEqual([
      { user_id: 1, history_items: [10, 11], history_ratings: [4, 4], ...first },
      { user_id: 3, history_items: [10], history_ratings: [4], ...second },
    ]);
  });

  test("each target with its item's context, by item", async () => {
    const liker = { liker_id: 1, liker_items: [20], liker_ratings: [5] };
    const disliker = { disliker_id: null, disliker_items: [], disliker_ratings: [] };
    const target = { history_items: [21, 22], history_ratings: [1, 2], label: 0 };
    await makeRunTable(memory.db, "item_contexts", [
      { item_id: 8, ...liker, ...disliker, liker_ts: at(1) },
      { item_id: 7, ...liker, ...disliker, liker_ts: at(1) },
      { item_id: 6, ...liker, ...disliker, liker_ts: at(1) },
    ]);
    await makeRunTable(memory.db, "item_targets", [
      { item_id: 8, target_user_id: 5, ts: at(2), ...target },
      { item_id: 6, target_user_id: 4, ts: at(2), ...target },
    ]);
    expect(await memory.db.rows(sqlFile("construct/item_cases"))).toEqual([
      { item_id: 6, ...liker, ...disliker, user_id: 4, ...target },
      { item_id: 8, ...liker, ...disliker, user_id: 5, ...target },
    ]);
  });
});

test("construct/drop_counts: samples by subject, route and reason", async () => {
  const sample = (subject: string, id: number, route: string, drop_reason: string | null) => ({
    subject,
    subject_id: id,
    sample: 0,
    route,
    drop_reason,
  });
  await makeRunTable(memory.db, "construction", [
    sample("user", 1, "reason", null),
    sample("user", 2, "dropped", "unreadable"),
    sample("user", 3, "reason", null),
    sample("user", 4, "dropped", "still_wrong"),
    sample("user", 5, "dropped", "unreadable"),
    sample("item", 1, "refine", null),
  ]);
  expect(await memory.db.rows(sqlFile("construct/drop_counts"))).toEqual([
    { subject: "item", route: "refine", drop_reason: null, samples: 1 },
    { subject: "user", route: "dropped", drop_reason: "still_wrong", samples: 1 },
    { subject: "user", route: "dropped", drop_reason: "unreadable", samples: 2 },
    { subject: "user", route: "reason", drop_reason: null, samples: 2 },
  ]);
});

test("construct/word_statistics: by data set and subject; reflections without those that are empty", async () => {
  const texts = (subject: string, words: readonly number[], more: object = {}) =>
    words.map((count, k) => ({ subject, subject_id: k, sample: 0, words: count, ...more }));
  await makeRunTable(memory.db, "sft_reason", [
    ...texts("user", [100, 110, 120, 130, 140, 150, 160, 170, 200, 220, 250]),
    ...texts("item", [200]),
  ]);
  await makeRunTable(memory.db, "sft_refine", texts("user", [201, 199]));
  await makeRunTable(memory.db, "sft_reflect", [
    ...texts("user", [0, 0], { judgement: "reasonable" }),
    ...texts("item", [50], { judgement: "unreasonable" }),
  ]);
  const alone = (words: number) => ({
    n: 1,
    mean_words: words,
    p10_words: words,
    median_words: words,
    p90_words: words,
    most_words: words,
    share_above_200: 0,
  });
  expect(await memory.db.rows(sqlFile("construct/word_statistics"))).toEqual([
    { dataset: "sft_reason", subject: "item", ...alone(200) },
    {
      dataset: "sft_reason",
      subject: "user",
      n: 11,
      mean_words: 1750 / 11,
      p10_words: 110,
      median_words: 150,
      p90_words: 220,
      most_words: 250,
      share_above_200: 2 / 11,
    },
    {
      dataset: "sft_refine",
      subject: "user",
      n: 2,
      mean_words: 200,
      p10_words: 199.2,
      median_words: 200,
      p90_words: 200.8,
      most_words: 201,
      share_above_200: 0.5,
    },
    { dataset: "sft_reflect", subject: "item", ...alone(50) },
  ]);
});
