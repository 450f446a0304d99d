import { afterAll, beforeAll, expect, test } from "vitest";
import { slice } from "../../src/experiments/slices-task.ts";
import { openRunFolder, sample, taskSpec, toRef, type RunFolder } from "../train/run-folder.ts";

let run: RunFolder;
beforeAll(async () => {
  run = await openRunFolder();
});
afterAll(() => run.close());

test("slice: writes every bucket of each model, also those without test rows", async () => {
  const model = { backbone: "dcn", variant: "r4ec", trial: 1, seed: 3 };
  const scored = { ...model, user_id: 1, label: 1, probability: 0.9 };
  const inputs = {
    samples: [
      await run.writeTable("samples", [
        ...[1, 2, 3, 4].map((rn) => sample({ user_id: 1, rn, item_id: 10 })),
        sample({ user_id: 2, rn: 1, item_id: 11 }), // 1 of 5 training rows: a fifth
      ]),
    ],
    predictions: [
      await run.writeTable("predictions", [
        { ...scored, rn: 5, item_id: 10 },
        { ...scored, rn: 6, item_id: 11, label: 0, probability: 0.1 },
        { ...scored, rn: 7, item_id: 10, label: 0, probability: 0.95 },
        { ...scored, user_id: 3, rn: 1, item_id: 12 },
      ]),
    ],
  };
  const [file] = await slice(taskSpec("slices", {}, {}, inputs), run.context);
  if (file === undefined) throw new Error("no file");
  await run.mount({ slices: [toRef(run, file)] });
  const rows = await run.db.rows("select * from slices");
  for (const row of rows) expect(row).toMatchObject(model);
  expect(
    rows.map(({ slice: name, bucket, rows: count, positives, auc }) => [
      ...[name, bucket, count, positives, auc],
    ]),
  ).toEqual([
    ["items", "cold", 1, 1, null],
    ["items", "head", 2, 1, 0],
    ["items", "tail", 1, 0, null],
    ["users", "high", 0, 0, null],
    ["users", "low", 0, 0, null],
    ["users", "mid", 3, 1, 0.5],
    ["users", "new", 1, 1, null],
  ]);
  expect(rows[0]?.["logloss"]).toBeCloseTo(-Math.log(0.9), 6);
  expect(rows[3]?.["logloss"]).toBeNull();
});
