import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dropCheckpoints } from "../../../src/flow/checkpoints.ts";
import { quote } from "../../../src/tables/quote.ts";
import { writeQuery } from "../../../src/tables/write-query.ts";
import { modelFolder } from "../../../src/train/loop/model-folder.ts";
import { loadSampleFacts } from "../../../src/train/data/load-sample-facts.ts";
import { train } from "../../../src/train/train-task.ts";
import { smallTask } from "./resume-run.ts";
import { openRunFolder, toRef, type RunFolder } from "../run-folder.ts";

let run: RunFolder;
beforeAll(async () => {
  run = await openRunFolder();
});
afterAll(() => run.close());

/** The small task, each row of its samples with a weight in SQL; without weights when it is null. */
async function taskOf(weight: string | null, memoryRows: number) {
  const task = await smallTask(run, { memoryRows }, { train: 110, valid: 60, test: 80 });
  if (weight === null) return task;
  const samples = await Promise.all(
    (task.inputs["samples"] ?? []).map(async ({ path }) => {
      const file = quote(join(run.context.runDir, path));
      const sql =
        `select user_id, rn, item_id, rating, label, ts, (${weight})::float as weight, split, history_items, history_ratings ` +
        `from read_parquet(${file})`;
      return toRef(run, await writeQuery(run.db, "samples", sql, {}, run.context));
    }),
  );
  return { ...task, inputs: { ...task.inputs, samples } };
}

/** What training comes to, wall times left out. */
async function trained(weight: string | null, memoryRows = 250) {
  const task = await taskOf(weight, memoryRows);
  const files = await train(task, run.context);
  await dropCheckpoints(run.context.runDir, task.stage, () => false);
  await run.mount(Object.fromEntries(files.map((file) => [file.table, [toRef(run, file)]])));
  const named = { backbone: "dcn", variant: "base", trial: 0, seed: 3 };
  const folder = modelFolder(run.context.runDir, named, task.key);
  return {
    log: await run.db.rows("select * exclude (seconds, rows_per_s) from training_log order by 1"),
    result: await run.db.rows("select * exclude (seconds) from results"),
    predictions: await run.db.rows("select * from predictions order by all"),
    model: await readFile(join(folder, "model.safetensors"), "hex"),
  };
}

const uneven = "(item_id % 4 * 0.75)";

describe("train, on rows with weights", { timeout: 60_000 }, () => {
  test("weights that are all 1 give the run without weights, to the same bits", async () => {
    expect(await trained("1")).toEqual(await trained(null));
  });

  test("uneven weights give another model, the same from memory and from disk, to the same bits", async () => {
    const inMemory = await trained(uneven);
    expect(await trained(uneven, 249)).toEqual(inMemory);
    expect(inMemory.model).not.toBe((await trained(null)).model);
  });

  test("how much all weigh together does not matter", async () => {
    const { log } = await trained(`4 * ${uneven}`);
    expect(log).toEqual((await trained(uneven)).log);
  });

  test("training rows that all have weight 0 are refused", async () => {
    const task = await taskOf("if(split = 'train', 0, 1)", 250);
    await run.mount(task.inputs);
    await expect(loadSampleFacts(run.db, 10)).rejects.toMatchObject({
      code: "INPUT_INVALID",
      message:
        "samples: all train rows have weight 0, so there is nothing to train on; check dataset.columns.weight",
    });
  });
});
