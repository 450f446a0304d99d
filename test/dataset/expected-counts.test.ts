import { expect, test } from "vitest";
import { refuseOtherCounts } from "../../src/dataset/audits/expected-counts.ts";
import { useMemoryDatabase } from "../util/memory-database.ts";

const tables = [
  `create table interactions as select * from (values (1, 10), (1, 20), (2, 20), (3, 20)) as t(user_id, item_id)`,
  `create table samples as select * from (values ('train'), ('train'), ('test')) as t(split)`,
];

const memory = useMemoryDatabase();

test("passes data with the counts that are given, however few are", async () => {
  const { db } = memory;
  for (const sql of tables) await db.run(sql);
  await refuseOtherCounts(db, { users: 3, items: 2, train: 2, valid: 0, test: 1 });
  await refuseOtherCounts(db, { items: 2 });
  await expect(refuseOtherCounts(db, { items: 3 })).rejects.toThrow();
});

test("names each count that differs, expected and found, and the cure", async () => {
  const { db } = memory;
  for (const sql of tables) await db.run(sql);
  await expect(
    refuseOtherCounts(db, { users: 3, items: 17_332, train: 1_144_308, test: 1 }),
  ).rejects.toMatchObject({
    code: "INPUT_INVALID",
    message: expect.stringMatching(
      /items: 17,332 expected, 2 found; train: 1,144,308 expected, 2 found\. .*ingest_steps.*change expect/,
    ) as unknown,
  });
});
