import { describe, expect, test } from "vitest";
import { sqlFile } from "../../src/tables/sql-file.ts";
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
