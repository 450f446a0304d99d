import { beforeEach, describe, expect, test } from "vitest";
import { sqlFile } from "../../src/tables/sql-file.ts";
import { at, makeRunTable } from "../util/hand-made-table.ts";
import { useMemoryDatabase } from "../util/memory-database.ts";

const memory = useMemoryDatabase();

describe("knowledge/user_tiers", () => {
  beforeEach(async () => {
    const events = (user_id: number, roles: readonly string[]) =>
      roles.map((role, place) => ({ user_id, rn: place + 1, role }));
    await makeRunTable(memory.db, "user_contexts", [
      { user_id: 4 },
      { user_id: 3 },
      { user_id: 2 },
      { user_id: 1 },
    ]);
    await makeRunTable(memory.db, "timeline", [
      ...events(1, ["context", "train", "valid", "test", "test"]), // 2
      ...events(2, ["context", "dropped", "train", "train"]), // 3
      ...events(3, ["context", "test"]), // 1
      ...events(4, ["context", "context", "train"]), // 3
      ...events(9, ["context", "train", "train", "train"]), // has no context to be asked about
    ]);
  });

  const tiers = async (active_from: number | null, active_share: number | null) => {
    const params = { active_from, active_share };
    const sql = `select * from (${sqlFile("knowledge/user_tiers")}) order by user_id`;
    return memory.db.rows(sql, params);
  };
  const active = async (from: number | null, share: number | null) =>
    (await tiers(from, share)).filter((row) => row["is_active"]).map((row) => row["user_id"]);

  test("counts a user's events in context and training, and no others", async () => {
    expect(await tiers(3, null)).toEqual([
      { user_id: 1, interactions: 2, is_active: false },
      { user_id: 2, interactions: 3, is_active: true },
      { user_id: 3, interactions: 1, is_active: false },
      { user_id: 4, interactions: 3, is_active: true },
    ]);
  });

  test.each([
    [1, [1, 2, 3, 4]],
    [2, [1, 2, 4]],
    [4, []],
  ])("active from %d events", async (from, users) => {
    expect(await active(from, null)).toEqual(users);
  });

  test.each([
    [0.01, [2]], // a share of one user is a user; of 2 and 4, both 3 events, the lower id
    [0.25, [2]],
    [0.26, [2, 4]],
    [0.75, [1, 2, 4]],
    [1, [1, 2, 3, 4]],
  ])("the most active %d of the users, rounded up", async (share, users) => {
    expect(await active(null, share)).toEqual(users);
  });

  test("a share is taken as written: 0.07 of 100 users is 7", async () => {
    await memory.db.run(
      "insert into user_contexts (user_id) select i + 10 from range(96) as r (i)",
    );
    expect(0.07 * 100).toBeGreaterThan(7);
    expect(await active(null, 0.07)).toHaveLength(7);
  });
});

describe("knowledge/active_user_contexts", () => {
  test("histories of active users, by user", async () => {
    await makeRunTable(memory.db, "user_tiers", [
      { user_id: 4, is_active: true },
      { user_id: 9, is_active: true },
      { user_id: 5, is_active: false },
    ]);
    await makeRunTable(memory.db, "user_contexts", [
      { user_id: 9, history_items: [1], history_ratings: [0.5], last_ts: at(3) },
      { user_id: 5, history_items: [2], history_ratings: [1] },
      { user_id: 4, history_items: [3, 2], history_ratings: [4, 5], last_ts: new Date(7) },
    ]);
    expect(await memory.db.rows(sqlFile("knowledge/active_user_contexts"))).toEqual([
      // Its time only counts events.
      { user_id: 4, history_items: [3, 2], history_ratings: [4, 5], last_day: null },
      { user_id: 9, history_items: [1], history_ratings: [0.5], last_day: "2000-01-03" },
    ]);
  });
});
