import { describe, expect, test } from "vitest";
import { sqlFile } from "../../src/tables/sql-file.ts";
import { join } from "node:path";
import { makeRunTable } from "../util/hand-made-table.ts";
import { useMemoryDatabase } from "../util/memory-database.ts";

const memory = useMemoryDatabase();

describe.each(["user", "item"] as const)(
  "train/user_encoders and train/item_encoders",
  (subject) => {
    test(`train/${subject}_encoders: each encoder of a vector that is there, once`, async () => {
      const id = `${subject}_id`;
      await makeRunTable(memory.db, `${subject}_embeddings`, [
        { [id]: 1, encoder: "tiny", vector: [1] },
        { [id]: 2, encoder: "large", vector: [1] },
        { [id]: 3, encoder: "tiny", vector: [1] },
        { [id]: 4, encoder: "gone", vector: null },
        { [id]: 5, encoder: null, vector: [1] },
      ]);
      expect(await memory.db.rows(sqlFile(`train/${subject}_encoders`))).toEqual([
        { encoder: "large" },
        { encoder: "tiny" },
      ]);
    });
  },
);

/** A part of `samples` with a row a letter, t for train, v for valid and e for test; places count from 1. */
async function writePart(letters: string): Promise<string> {
  const splits = new Map(Object.entries({ t: "train", v: "valid", e: "test" }));
  const rows = Array.from(letters, (letter, place) => ({
    user_id: 1,
    rn: place + 1,
    item_id: 1,
    label: 1,
    split: splits.get(letter) ?? null,
    history_items: [2],
    history_ratings: [4],
  }));
  await makeRunTable(memory.db, "samples", rows);
  const path = join(memory.dir, "part.parquet");
  await memory.db.run(`copy (select * from samples order by rn) to '${path}' (format parquet)`);
  return path;
}

describe("train/part_chunks", () => {
  test("counts each split's rows in every stretch of the part", async () => {
    const part = await writePart("tttve" + "eeett" + "vv");
    const params = { part, stretch_rows: 5 };
    expect(await memory.db.rows(sqlFile("train/part_chunks"), params)).toEqual([
      { first_row: 0, split: "test", rows: 1 },
      { first_row: 0, split: "train", rows: 3 },
      { first_row: 0, split: "valid", rows: 1 },
      { first_row: 5, split: "test", rows: 3 },
      { first_row: 5, split: "train", rows: 2 },
      { first_row: 10, split: "valid", rows: 2 },
    ]);
  });
});

describe("train/chunk_rows", () => {
  test("has a split's rows of the stretch and no others", async () => {
    const part = await writePart("tttve" + "etett" + "vv");
    const placesOf = async (split: string, first_row: number): Promise<readonly unknown[]> => {
      const params = { part, split, first_row, last_row: first_row + 4 };
      const rows = await memory.db.rows(sqlFile("train/chunk_rows"), params);
      return rows.map((row) => row["rn"]);
    };
    expect(await placesOf("train", 0)).toEqual([1, 2, 3]);
    expect(await placesOf("train", 5)).toEqual([7, 9, 10]);
    expect(await placesOf("test", 5)).toEqual([6, 8]);
    expect(await placesOf("valid", 10)).toEqual([11, 12]);
  });
});

describe("train/unknown_items", () => {
  test("names each row's items that the catalogue lacks, as target and in the history", async () => {
    await makeRunTable(memory.db, "items", [{ item_id: 1 }, { item_id: 2 }]);
    await makeRunTable(memory.db, "samples", [
      { user_id: 1, rn: 1, item_id: 1, split: "train", history_items: [2, 1] },
      { user_id: 1, rn: 2, item_id: 8, split: "valid", history_items: [] },
      { user_id: 2, rn: 1, item_id: 9, split: "test", history_items: [1, 9, 7, 9] },
      { user_id: 3, rn: 1, item_id: 2, split: "test", history_items: null },
    ]);
    expect(await memory.db.rows(sqlFile("train/unknown_items"))).toEqual([
      { user_id: 1, rn: 2, split: "valid", item_id: 8, role: "the target" },
      { user_id: 2, rn: 1, split: "test", item_id: 7, role: "in the history" },
      { user_id: 2, rn: 1, split: "test", item_id: 9, role: "in the history" },
      { user_id: 2, rn: 1, split: "test", item_id: 9, role: "the target" },
    ]);
  });
});

describe("train/rating_values", () => {
  test.each(["double", "float"])("each value as written, once in 32 bits: %s", async (type) => {
    const lists = "([0.8, 5]), ([2.5, null]), ([5, 0.8])";
    await memory.db.run(
      `create or replace table samples as select cast(r as ${type}[]) as history_ratings from (values ${lists}) as l(r)`,
    );
    const rows = await memory.db.rows(sqlFile("train/rating_values"));
    const written = type === "double" ? 0.8 : Math.fround(0.8);
    expect(rows.map(({ rating }) => rating)).toEqual([written, 2.5, 5]);
  });

  test("values that batches cannot tell apart are one", async () => {
    await memory.db.run(
      "create or replace table samples as select [16777216, 16777217, 16777220]::double[] as history_ratings",
    );
    const rows = await memory.db.rows(sqlFile("train/rating_values"));
    expect(rows.map(({ rating }) => rating)).toEqual([16777216, 16777220]);
  });
});
