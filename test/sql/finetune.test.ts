import { expect, test } from "vitest";
import { sqlFile } from "../../src/tables/sql-file.ts";
import { makeRunTable } from "../util/hand-made-table.ts";
import { useMemoryDatabase } from "../util/memory-database.ts";

const memory = useMemoryDatabase();

type Lesson = readonly [subject: "user" | "item", id: number, sample: number, split: string];

const lessons = (table: string, rows: readonly Lesson[]) =>
  makeRunTable(
    memory.db,
    table,
    rows.map(([subject, subject_id, sample, split]) => ({ subject, subject_id, sample, split })),
  );

const placesOf = async (statement: string): Promise<readonly unknown[]> =>
  (await memory.db.rows(sqlFile(statement), { subject: "user" })).map((row) => [
    ...[row["task"], row["subject_id"], row["sample"], row["split"]],
  ]);

test("finetune/actor_rows: reasoning before refinement, of the subject alone, in order", async () => {
  await lessons("sft_reason", [
    ["user", 2, 1, "train"],
    ["item", 1, 0, "train"],
    ["user", 2, 0, "train"],
    ["user", 1, 0, "valid"],
  ]);
  await lessons("sft_refine", [
    ["user", 1, 0, "valid"],
    ["item", 3, 0, "valid"],
  ]);
  expect(await placesOf("finetune/actor_rows")).toEqual([
    ["reason", 1, 0, "valid"],
    ["reason", 2, 0, "train"],
    ["reason", 2, 1, "train"],
    ["refine", 1, 0, "valid"],
  ]);
});

test("finetune/reflector_rows: reflection about the subject, in order", async () => {
  await lessons("sft_reflect", [
    ["user", 2, 0, "train"],
    ["item", 1, 0, "train"],
    ["user", 1, 1, "valid"],
  ]);
  expect(await placesOf("finetune/reflector_rows")).toEqual([
    ["reflect", 1, 1, "valid"],
    ["reflect", 2, 0, "train"],
  ]);
});
