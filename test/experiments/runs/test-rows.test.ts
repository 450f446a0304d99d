import { describe, expect, test } from "vitest";
import { findTestRows } from "../../../src/experiments/runs/test-rows.ts";
import { defineSourceIds } from "../../../src/tables/source-ids/source-ids.ts";
import { useMemoryDatabase } from "../../util/memory-database.ts";

const memory = useMemoryDatabase();

const rows = [
  "(1, 1, 10, 1, 'train')",
  "(1, 2, 11, 0, 'test')",
  "(2, 1, 10, 1, 'test')",
  "(2, 2, 12, 1, 'test')",
];

async function found(values: readonly string[]) {
  const { db } = memory;
  await defineSourceIds(db, { user: false, item: false });
  await db.run(
    `create or replace table samples as select user_id, rn, item_id, label, split,
       make_timestamp(1000000 * (user_id + rn)) as ts, [1, 2] as history_items
     from (values ${values.join()}) as v(user_id, rn, item_id, label, split)`,
  );
  return findTestRows(db);
}

describe("findTestRows", () => {
  test("counts test rows and their users", async () => {
    expect(await found(rows)).toMatchObject({ rows: 3, users: 2 });
  });

  test("knows the same rows in any order, whatever the training rows are", async () => {
    const before = await found(rows);
    const after = await found([...rows.slice(1)].reverse());
    expect(after).toEqual(before);
  });

  test.each([
    ["label", "(2, 2, 12, 0, 'test')"],
    ["item", "(2, 2, 13, 1, 'test')"],
    ["user", "(3, 2, 12, 1, 'test')"],
    ["place", "(2, 3, 12, 1, 'test')"],
  ])("another %s is another fingerprint", async (_what, row) => {
    const before = await found(rows);
    const after = await found([...rows.slice(0, 3), row]);
    expect(after?.fingerprint).not.toBe(before?.fingerprint);
    expect(after?.rows).toBe(3);
  });

  test("is null without test rows", async () => {
    expect(await found(rows.slice(0, 1))).toBeNull();
  });
});
