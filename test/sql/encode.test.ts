import { describe, expect, test } from "vitest";
import { sqlFile } from "../../src/tables/sql-file.ts";
import { makeRunTable } from "../util/hand-made-table.ts";
import { useMemoryDatabase } from "../util/memory-database.ts";

const memory = useMemoryDatabase();

describe.each(["user", "item"] as const)("encode/user_texts and encode/item_texts", (subject) => {
  test(`encode/${subject}_texts: each ${subject}'s final text, by id; none for one that failed`, async () => {
    const id = `${subject}_id`;
    await makeRunTable(memory.db, `${subject}_knowledge`, [
      { [id]: 3, round: 0, role: "actor", text: "first", is_final: false },
      { [id]: 3, round: 0, role: "reflector", text: "judgement", is_final: false },
      { [id]: 3, round: 1, role: "actor", text: "refined", is_final: true },
      { [id]: 1, round: 0, role: "actor", text: "only", is_final: true },
      { [id]: 2, round: 0, role: "actor", is_final: false, error: "too short" },
      { [id]: 4, round: 0, role: "actor", text: "half", is_final: true, error: "cut off" },
    ]);
    expect(await memory.db.rows(sqlFile(`encode/${subject}_texts`))).toEqual([
      { subject_id: 1, text: "only" },
      { subject_id: 3, text: "refined" },
    ]);
  });
});
