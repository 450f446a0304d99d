import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Row } from "../../src/tables/database.ts";
import { compare } from "../../src/experiments/compare-task.ts";
import { openRunFolder, taskSpec, toRef, type RunFolder } from "../train/run-folder.ts";

let run: RunFolder;
beforeEach(async () => {
  run = await openRunFolder();
});
afterEach(() => run.close());

interface Model {
  readonly backbone: string;
  readonly variant: string;
  readonly trial: number;
  readonly seed: number;
}

const dcn = (variant: string, seed: number, trial = 0): Model => ({
  backbone: "dcn",
  variant,
  trial,
  seed,
});

const roles: Readonly<Record<string, string>> = {
  base: "base",
  permuted: "control",
  "base+stats": "control",
};

/** A model that reached `auc` and `logloss` on the test split, and on valid the same but for what `rest` says. */
function result(model: Model, auc: number | null, logloss: number, rest: Row = {}): Row {
  const counts = { best_epoch: 1, epochs: 1, parameters: 1, train_rows: 1, valid_rows: 1 };
  return {
    ...model,
    ...counts,
    role: roles[model.variant] ?? "knowledge",
    settings: "{}",
    engine: "onnx",
    auc,
    logloss,
    valid_auc: auc,
    valid_logloss: logloss,
    test_rows: 4,
    selected_on: "valid",
    ...rest,
  };
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

async function compareModels(
  results: readonly Row[],
  scored: readonly Row[],
  { variants = [], samples = [] }: { variants?: readonly string[]; samples?: readonly Row[] } = {},
) {
  const inputs = {
    samples: samples.length === 0 ? [] : [await run.writeTable("samples", samples)],
    results: [await run.writeTable("results", results)],
    predictions: [await run.writeTable("predictions", scored)],
  };
  const config = { resamples: 50, seed: 1, stopOn: "auc", variants };
  const files = await compare(taskSpec("compare", config, {}, inputs), run.context);
  await run.mount(Object.fromEntries(files.map((file) => [file.table, [toRef(run, file)]])));
  return run.db.rows("select * from comparisons order by backbone, variant, baseline");
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
        baseline: "base",
        trial: 0,
        baseline_trial: 0,
        seeds: 2,
        baseline_auc: close(0.7),
        baseline_auc_sd: close(Math.sqrt(0.02)),
        baseline_logloss: close(0.6),
        auc: close(0.85),
        auc_sd: close(Math.sqrt(0.005)),
        logloss: close(0.45),
        auc_lift: close(0.15),
        auc_lift_low: 1, // Base always wrong, r4ec always right: 1 - 0 in every resample
        auc_lift_high: 1,
        auc_relative: close(0.15 / 0.7),
        logloss_change: close(-0.15),
        // Losses of each user's rows are the same two logarithms: -ln .9, -ln .8 after, -ln .1, -ln .2 before, each for two rows.
        logloss_change_low: expect.closeTo(Math.log(0.1 / 0.9), 6) as unknown,
        logloss_change_high: expect.closeTo(Math.log(0.2 / 0.8), 6) as unknown,
        auc_p: null, // the same lift in every resample: no standard error to divide by
        auc_p_holm: null,
        logloss_relative: close(-0.25),
        logloss_p: expect.any(Number) as unknown,
        logloss_p_holm: expect.any(Number) as unknown,
        resamples: 50,
      },
    ]);
    expect(run.progress.at(-1)).toEqual({
      ...{ rowsDone: 200, rowsTotal: 200, unit: "scored resamples" }, // 50 of each of four models: seed 3 has no pair
    });
  });

  test("one seed has no deviation", async () => {
    const [row] = await compareModels(
      [result(dcn("base", 4), 0, 1), result(dcn("r4ec", 4), 1, 0.5)],
      [...predictions(dcn("base", 4), bad), ...predictions(dcn("r4ec", 4), good)],
    );
    expect(row).toMatchObject({ seeds: 1, baseline_auc_sd: null, auc_sd: null, auc_lift: 1 });
  });

  test("test rows of one class have LogLoss but neither AUC nor interval", async () => {
    const liked = [1, 1, 1, 1];
    const [row] = await compareModels(
      [result(dcn("base", 1), null, 1), result(dcn("r4ec", 1), null, 0.5)],
      [...predictions(dcn("base", 1), bad, liked), ...predictions(dcn("r4ec", 1), good, liked)],
    );
    expect(row).toMatchObject({ auc: null, auc_lift: null, auc_lift_low: null, resamples: 0 });
    expect(row).toMatchObject({ logloss: 0.5, logloss_relative: -0.5 });
    expect(row?.["logloss_change_high"]).not.toBeNull();
  });

  test("compares every two variants: controls with Base, knowledge with both, and the later listed with the earlier", async () => {
    const variants = ["base", "permuted", "base+stats", "r4ec", "kar"];
    const rows = await compareModels(
      variants.map((variant, place) => result(dcn(variant, 1), place / 8, 1)),
      variants.flatMap((variant) => predictions(dcn(variant, 1), good)),
      { variants },
    );
    expect(rows.map((row) => [row["variant"], row["baseline"], row["auc_lift"]])).toEqual([
      ["base+stats", "base", 2 / 8],
      ["base+stats", "permuted", 1 / 8],
      ["kar", "base", 4 / 8],
      ["kar", "base+stats", 2 / 8],
      ["kar", "permuted", 3 / 8],
      ["kar", "r4ec", 1 / 8],
      ["permuted", "base", 1 / 8],
      ["r4ec", "base", 3 / 8],
      ["r4ec", "base+stats", 1 / 8],
      ["r4ec", "permuted", 2 / 8],
    ]);
  });

  test("compares the trials that valid chose, and reads no predictions of the others", async () => {
    const rows = await compareModels(
      [
        // On valid trial 1 of Base and trial 0 of r4ec are best; on test it is the other way round.
        result(dcn("base", 1, 0), 0.9, 1, { valid_auc: 0.5 }),
        result(dcn("base", 1, 1), 0.6, 1, { valid_auc: 0.7 }),
        result(dcn("r4ec", 1, 0), 0.8, 1, { valid_auc: 0.8 }),
        result(dcn("r4ec", 1, 1), 0.9, 1, { valid_auc: 0.75 }),
      ],
      [...predictions(dcn("base", 1, 1), bad), ...predictions(dcn("r4ec", 1, 0), good)],
    );
    expect(rows).toMatchObject([
      { variant: "r4ec", trial: 0, baseline_trial: 1, auc: 0.8, baseline_auc: 0.6 },
    ]);
    expect(await run.db.rows("select * from selections order by all")).toEqual(
      [
        ["base", 0, 0.5, false],
        ["base", 1, 0.7, true],
        ["r4ec", 0, 0.8, true],
        ["r4ec", 1, 0.75, false],
      ].map(([variant, trial, value, isSelected]) => ({
        backbone: "dcn",
        variant,
        trial,
        seeds: 1,
        split: "valid",
        metric: "auc",
        value,
        is_selected: isSelected,
      })),
    );
  });

  test("gives no rows without Base on the same backbone", async () => {
    const base = { ...dcn("base", 1), backbone: "autoint" };
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
      compareModels(
        [result(dcn("base", 1), 0, 1, { test_rows: 5 }), result(dcn("r4ec", 1), 1, 1)],
        predictions(dcn("base", 1), bad),
      ),
    ).rejects.toThrow("predictions: dcn base seed 1 has 4 rows, results says 5; train it again");
  });
});
