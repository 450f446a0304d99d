import { expect, test } from "vitest";
import { auditTables } from "../../../src/dataset/audits/audit-task.ts";
import { auditsAfter } from "../../../src/dataset/audits/audits.ts";
import { makeStats } from "../../../src/dataset/stats/stats-task.ts";
import type { TaskSpec } from "../../../src/flow/task.ts";
import type { Row } from "../../../src/tables/database.ts";
import { openRunFolder, sample, toRef } from "../../train/run-folder.ts";

const rows: readonly Row[] = [
  { user_id: 1, item_id: 7, rating: 5, role: "context" },
  { user_id: 1, item_id: 8, rating: 2, role: "context" },
  { user_id: 1, item_id: 9, rating: 4, role: "train" },
  { user_id: 2, item_id: 9, rating: 1, role: "context" },
  { user_id: 2, item_id: 9, rating: 3, role: "train" },
  { user_id: 2, item_id: 7, rating: 5, role: "valid" },
  { user_id: 2, item_id: 9, rating: 5, role: "test" },
].map((row, place) => ({
  ...row,
  rn: place + 1,
  label: row.rating > 3 ? 1 : 0,
  ts: new Date(place * 1000),
}));

const taskOf = (module: string, inputs: TaskSpec["inputs"], config = {}): TaskSpec => ({
  ...{ stage: "stats", index: 0, key: "", module, export: "", runtime: null, params: {} },
  ...{ config, inputs, outputs: [] },
});

test("makeStats counts contexts and training rows, and its audits notice a label more", async () => {
  const run = await openRunFolder();
  const timeline = [await run.writeTable("timeline", rows)];
  const stats = await makeStats(taskOf("dataset/stats/stats-task", { timeline }), run.context);
  const made = Object.fromEntries(stats.map((file) => [file.table, [toRef(run, file)]]));
  await run.mount(made);
  expect(await run.db.rows("from user_stats")).toEqual([
    { user_id: 1, interactions: 2, mean_rating: 3.5, label_rate: 0.5 },
    { user_id: 2, interactions: 1, mean_rating: 1, label_rate: 0 },
  ]);
  expect(await run.db.rows("from item_stats")).toEqual([
    { item_id: 9, interactions: 2, mean_rating: 3.5, label_rate: 0.5 },
  ]);

  const of = (role: string): readonly Row[] => rows.filter((row) => row["role"] === role);
  const contexts = [1, 2].map((user_id) => {
    const own = of("context").filter((row) => row["user_id"] === user_id);
    const listOf = (name: string): readonly unknown[] => own.map((row) => row[name]);
    return { user_id, history_items: listOf("item_id"), history_ratings: listOf("rating") };
  });
  const samples = ["train", "valid", "test"].flatMap((split) =>
    of(split).map((row) => sample({ ...row, split })),
  );
  const audited = {
    interactions: [await run.writeTable("interactions", rows)],
    samples: [await run.writeTable("samples", samples)],
    user_contexts: [await run.writeTable("user_contexts", contexts)],
    ...made,
  };
  const config = { protocol: "leakfree", audits: [...auditsAfter("stats")] };
  const [written] = await auditTables(
    taskOf("dataset/audits/audit-task", audited, config),
    run.context,
  );
  expect(written).toMatchObject({ table: "audits", rows: 2 });

  const leaking = rows.map((row) => (row["role"] === "test" ? { ...row, role: "train" } : row));
  const leaked = await makeStats(
    taskOf("dataset/stats/stats-task", { timeline: [await run.writeTable("timeline", leaking)] }),
    run.context,
  );
  const leakedTables = Object.fromEntries(leaked.map((file) => [file.table, [toRef(run, file)]]));
  await expect(
    auditTables(
      taskOf("dataset/audits/audit-task", { ...audited, ...leakedTables }, config),
      run.context,
    ),
  ).rejects.toMatchObject({
    code: "AUDIT_FAILED",
    message: expect.stringContaining("item_stats_from_train") as string,
  });
  await run.close();
});
