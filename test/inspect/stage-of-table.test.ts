import { expect, test } from "vitest";
import { inStageOrder } from "../../src/inspect/stage-of-table.ts";
import { stageOfTable } from "../../src/tables/schemas/index.ts";
import { parsePipeline } from "../../src/pipeline/load-pipeline.ts";
import { stagesOf } from "../../src/pipeline/stages.ts";
import { tableSchemas } from "../../src/tables/schemas/index.ts";

/** All stages there can be, with a teacher, tiers and statistics. */
const settings = parsePipeline("", "p.yaml", [
  "knowledge.actor={provider: openai, model: m}",
  "knowledge.tiers={activeShare: 0.5}",
  "construct.teacher={provider: openai, model: m}",
  "train.variants=[base, r4ec, base+stats]",
]);

test("is what the stages say they write, first of those that write a table", async () => {
  const first = new Map<string, string>();
  for (const { group, def } of await stagesOf(settings)) {
    for (const table of def.outputs) if (!first.has(table)) first.set(table, group);
  }
  first.set("requests", "knowledge"); // the teacher's are there with a construct block alone
  for (const [table, group] of first) expect([table, stageOfTable(table)]).toEqual([table, group]);
});

test("knows every table of a run", () => {
  const workFolderOnly = ["texts", "text_ids", "vectors", "text_requests"];
  for (const table of tableSchemas.keys()) {
    expect(stageOfTable(table) === undefined, table).toBe(workFolderOnly.includes(table));
  }
  expect(stageOfTable("nothing")).toBeUndefined();
});

test("tables are listed in the order they are made in, unknown ones last", () => {
  expect(inStageOrder(["mine", "results", "samples", "users", "items"])).toEqual([
    ...["items", "users", "samples", "results", "mine"],
  ]);
});
