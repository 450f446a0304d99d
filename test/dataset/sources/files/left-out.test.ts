import { describe, expect, test } from "vitest";
import {
  loadedCounts,
  loadedEvents,
  loadedRejects,
  loadSource,
} from "../../../util/load-source.ts";
import { useMemoryDatabase } from "../../../util/memory-database.ts";
import { columns, csv, inputFiles } from "./load-files.fixture.ts";

const memory = useMemoryDatabase();
const { file } = inputFiles(memory);

describe("loadFiles: what is left out", () => {
  const events = [
    [
      "1,10,1700000000,2",
      "1,10,1700000000,5",
      "1,10,1700000000,5",
      "1,10,1700000001,1",
      "2,10,1700000000,3",
    ],
  ].flat();

  test.each([
    ["first", [2, 1, 3]],
    ["last", [5, 1, 3]],
    ["max", [5, 1, 3]],
  ])("duplicates: %s", async (duplicates, ratings) => {
    const path = await file("a.csv", csv(...events));
    await loadSource(memory, { source: "csv", interactions: path, columns, duplicates });
    expect((await loadedEvents(memory)).map(([, , rating]) => rating)).toEqual(ratings);
    const reason = "repeats the event of another row";
    expect(await loadedCounts(memory)).toEqual([
      ["read", "", 5],
      ["duplicate", reason, 2],
      ["kept", "", 3],
    ]);
    const lines = { first: [3, 4], last: [2, 3], max: [2, 4] }[duplicates];
    expect((await loadedRejects(memory)).map(([line, why]) => [line, why])).toEqual(
      lines?.map((line) => [line, reason]),
    );
  });

  test("k-core: to the fixed point, counted a round", async () => {
    // Users 1 and 2 meet items 10 and 20 both. User 3 has only item 30, which user 2 also has: 30 falls with user 3.
    const pairs = ["1,10", "1,20", "2,10", "2,20", "2,30", "3,30"];
    const path = await file("a.csv", csv(...pairs.map((pair, k) => `${pair},170000000${k},5`)));
    await loadSource(memory, {
      source: "csv",
      interactions: path,
      columns,
      kCore: { users: 2, items: 2 },
    });
    expect(
      (await loadedEvents(memory)).map(([user, item]) => `${String(user)},${String(item)}`),
    ).toEqual(pairs.slice(0, 4));
    expect(await loadedCounts(memory)).toEqual([
      ["read", "", 6],
      ["k-core", "round 1", 2],
      ["kept", "", 4],
    ]);
    const items = await memory.db.rows("select item_id from source_items order by 1");
    expect(items).toEqual([{ item_id: 10 }, { item_id: 20 }]);
  });

  test("nothing left is an error that says where the rows went", async () => {
    const path = await file("a.csv", csv("1,10,1700000000,5", "2,10,1700000000,5"));
    const attempt = loadSource(memory, {
      source: "csv",
      interactions: path,
      columns,
      kCore: { users: 2 },
    });
    await expect(attempt).rejects.toThrow(
      `${path}: no interactions are left\n  2 read\n  2 k-core: round 1\n  0 kept`,
    );
  });

  test("a sample keeps users with all they have, the same for the same seed", async () => {
    const lines = Array.from(
      { length: 300 },
      (_, k) => `${1 + (k % 100)},${k},${1700000000 + k},5`,
    );
    const path = await file("a.csv", csv(...lines.map((line) => line.replace(/,0,/, ",300,"))));
    const usersWith = async (seed: number, share: number) => {
      await loadSource(memory, {
        source: "csv",
        interactions: path,
        columns,
        sampleUsers: { share, seed },
      });
      const rows = await memory.db.rows(
        "select user_id, count(*) as n from source_interactions group by 1 order by 1",
      );
      expect(rows.every(({ n }) => n === 3)).toBe(true);
      return rows.map(({ user_id }) => user_id);
    };
    const half = await usersWith(1, 0.5);
    expect(half.length).toBeGreaterThan(30);
    expect(half.length).toBeLessThan(70);
    expect(await usersWith(1, 0.5)).toEqual(half);
    expect(await usersWith(2, 0.5)).not.toEqual(half);
    expect(await usersWith(1, 0.8)).toEqual(expect.arrayContaining(half)); // a larger share adds users
    expect((await loadedCounts(memory))[1]?.slice(0, 2)).toEqual(["sampling", "not of the sample"]);
  });
});
