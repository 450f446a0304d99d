import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dropCheckpoints } from "../../../../src/flow/checkpoints.ts";
import type { Row } from "../../../../src/tables/database.ts";
import { modelFolder } from "../../../../src/train/loop/model-folder.ts";
import { train } from "../../../../src/train/train-task.ts";
import { smallTask } from "../../loop/resume-run.ts";
import { openRunFolder, toRef, type RunFolder } from "../../run-folder.ts";

let run: RunFolder;
beforeAll(async () => {
  run = await openRunFolder();
});
afterAll(() => run.close());

/** What training comes to, wall times left out. */
async function trained(memoryRows: number) {
  const splits = { train: 110, valid: 60, test: 80 };
  const task = await smallTask(run, { memoryRows }, splits);
  const files = await train(task, run.context);
  await dropCheckpoints(run.context.runDir, task.stage, () => false);
  await run.mount(Object.fromEntries(files.map((file) => [file.table, [toRef(run, file)]])));
  const rows = (sql: string): Promise<readonly Row[]> => run.db.rows(sql);
  const named = { backbone: "dcn", variant: "base", trial: 0, seed: 3 };
  const folder = modelFolder(run.context.runDir, named, task.key);
  return {
    log: await rows("select * exclude (seconds, rows_per_s) from training_log order by epoch"),
    result: await rows("select * exclude (seconds) from results"),
    predictions: await rows("select * from predictions order by all"),
    model: await readFile(join(folder, "model.safetensors"), "hex"),
  };
}

describe("train, on rows read in passing", { timeout: 60_000 }, () => {
  test("with room for all training rows it makes the model of rows in memory, to the same bits", async () => {
    // 249 of 250 rows do not fit; a window of 124 holds the 110 that are shuffled.
    expect(await trained(249)).toEqual(await trained(250));
  });

  test("with room for a few it trains on as many rows, in another order, and scores the same ones", async () => {
    const whole = await trained(250);
    const streamed = await trained(64);
    expect(streamed).toEqual(await trained(64));
    expect(streamed.model).not.toBe(whole.model);
    const scored = (rows: readonly Row[]): readonly unknown[] =>
      rows.map(({ user_id, rn, item_id, label }) => [user_id, rn, item_id, label]);
    expect(scored(streamed.predictions)).toEqual(scored(whole.predictions));
    const counts = (rows: readonly Row[]): readonly unknown[] =>
      rows.map((row) => [row["train_rows"], row["test_rows"], row["train_positive_rate"]]);
    expect(counts(streamed.result)).toEqual(counts(whole.result));
  });
});
