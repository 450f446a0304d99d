import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Row } from "../../src/tables/database.ts";
import { compare } from "../../src/train/compare-task.ts";
import { openRunFolder, taskSpec, toRef, type RunFolder } from "./run-folder.ts";

let run: RunFolder;
beforeEach(async () => {
  run = await openRunFolder();
});
afterEach(() => run.close());

interface Model {
  readonly backbone: string;
  readonly variant: string;
  readonly seed: number;
}

const dcn = (variant: string, seed: number): Model => ({ backbone: "dcn", variant, seed });

function result(model: Model, auc: number | null, logloss: number, testRows = 4): Row {
  const counts = { best_epoch: 1, epochs: 1, parameters: 1, train_rows: 1, valid_rows: 1 };
  return { ...model, ...counts, auc, logloss, test_rows: testRows, selected_on: "valid" };
}

/** Two users with a liked and a disliked row each, in places 1 and 2. */
function predictions(
  model: Model,
  probabilities: readonly number[],
  labels = [1, 0, 1, 0],
): readonly Row[] {
  return probabilities.map((probability, row) => ({
    ...model,
    user_id: row < 2 ? 5 : 8,
    rn: 1 + (row % 2),
    item_id: 1,
    label: labels[row],
    probability,
  }));
}

async function compareModels(results: readonly Row[], scored: readonly Row[], resamples = 50) {
  const inputs = {
    results: [await run.writeTable("results", results)],
    predictions: [await run.writeTable("predictions", scored)],
  };
  const files = await compare(taskSpec("compare", { resamples, seed: 1 }, {}, inputs), run.context);
  await run.mount({ comparisons: files.map((file) => toRef(run, file)) });
  return run.db.rows("select * from comparisons order by all");
}

const good = [0.9, 0.1, 0.8, 0.2];
const bad = [0.1, 0.9, 0.2, 0.8];

describe("compare", () => {
  test("means, deviations and ratios over the seeds that both variants have", async () => {
    const rows = await compareModels(
      [
        result(dcn("base", 1), 0.6, 0.7),
        result(dcn("base", 2), 0.8, 0.5),
        result(dcn("r4ec", 1), 0.8, 0.5),
        result(dcn("r4ec", 2), 0.9, 0.4),
        result(dcn("r4ec", 3), 0.1, 9),
      ],
      [
        ...[1, 2].flatMap((seed) => predictions(dcn("base", seed), bad)),
        ...[1, 2, 3].flatMap((seed) => predictions(dcn("r4ec", seed), good)),
      ],
    );
    const close = (value: number): unknown => expect.closeTo(value, 12);
    expect(rows).toEqual([
      {
        backbone: "dcn",
        variant: "r4ec",
        seeds: 2,
        base_auc: close(0.7),
        base_auc_sd: close(Math.sqrt(0.02)),
        base_logloss: close(0.6),
        auc: close(0.85),
        auc_sd: close(Math.sqrt(0.005)),
        logloss: close(0.45),
        auc_lift: close(0.15),
        auc_lift_low: 1, // Base always wrong, r4ec always right: 1 - 0 in every resample
        auc_lift_high: 1,
        auc_relative: close(0.15 / 0.7),
        logloss_relative: close(-0.25),
        resamples: 50,
      },
    ]);
    expect(run.progress.at(-1)).toEqual({ rowsDone: 50, rowsTotal: 50, unit: "resamples" });
  });

  test("one seed has no deviation", async () => {
    const [row] = await compareModels(
      [result(dcn("base", 4), 0, 1), result(dcn("r4ec", 4), 1, 0.5)],
      [...predictions(dcn("base", 4), bad), ...predictions(dcn("r4ec", 4), good)],
    );
    expect(row).toMatchObject({ seeds: 1, base_auc_sd: null, auc_sd: null, auc_lift: 1 });
  });

  test("test rows of one class have LogLoss but neither AUC nor interval", async () => {
    const liked = [1, 1, 1, 1];
    const [row] = await compareModels(
      [result(dcn("base", 1), null, 1), result(dcn("r4ec", 1), null, 0.5)],
      [...predictions(dcn("base", 1), bad, liked), ...predictions(dcn("r4ec", 1), good, liked)],
    );
    expect(row).toMatchObject({ auc: null, auc_lift: null, auc_lift_low: null, resamples: 0 });
    expect(row).toMatchObject({ logloss: 0.5, logloss_relative: -0.5 });
  });

  test("gives no rows without Base on the same backbone", async () => {
    const base = { backbone: "autoint", variant: "base", seed: 1 };
    const rows = await compareModels(
      [result(base, 0.5, 1), result(dcn("r4ec", 1), 1, 0.5)],
      [...predictions(base, bad), ...predictions(dcn("r4ec", 1), good)],
    );
    expect(rows).toEqual([]);
  });

  test("refuses models that were scored on different rows", async () => {
    const other = predictions(dcn("r4ec", 1), good).map((row) => ({ ...row, user_id: 9 }));
    await expect(
      compareModels(
        [result(dcn("base", 1), 0, 1), result(dcn("r4ec", 1), 1, 0.5)],
        [...predictions(dcn("base", 1), bad), ...other],
      ),
    ).rejects.toThrow("dcn r4ec seed 1 was scored on other test rows than the first model");
  });

  test("refuses results without their predictions", async () => {
    await expect(
      compareModels([result(dcn("base", 1), 0, 1, 5)], predictions(dcn("base", 1), bad)),
    ).rejects.toThrow("predictions: dcn base seed 1 has 4 rows, results says 5; train it again");
  });
});
