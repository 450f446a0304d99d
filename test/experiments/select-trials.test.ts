import { describe, expect, test } from "vitest";
import { selectTrials, type TrialResult } from "../../src/experiments/select-trials.ts";

function model(trial: number, seed: number, figures: Partial<TrialResult> = {}): TrialResult {
  return {
    ...{ backbone: "dcn", variant: "r4ec", trial, seed, selectedOn: "valid" },
    ...{ auc: 0.5, logLoss: 0.7, validAuc: 0.5, validLogLoss: 0.7 },
    ...figures,
  };
}

/** The trial chosen. */
function chosen(results: readonly TrialResult[], metric: "auc" | "logloss" = "auc") {
  return selectTrials(results, metric).filter(({ isSelected }) => isSelected);
}

describe("selectTrials", () => {
  const results = [
    // Means on valid: AUC 0.70, 0.72, 0.71; log loss 0.60, 0.62, 0.59. On test trial 0 is best.
    model(0, 1, { auc: 0.9, logLoss: 0.1, validAuc: 0.8, validLogLoss: 0.5 }),
    model(0, 2, { auc: 0.9, logLoss: 0.1, validAuc: 0.6, validLogLoss: 0.7 }),
    model(1, 1, { validAuc: 0.72, validLogLoss: 0.62 }),
    model(1, 2, { validAuc: 0.72, validLogLoss: 0.62 }),
    model(2, 1, { validAuc: 0.7, validLogLoss: 0.58 }),
    model(2, 2, { validAuc: 0.72, validLogLoss: 0.6 }),
  ];

  test("takes the highest mean AUC on valid, whatever the test split says", () => {
    expect(chosen(results)).toEqual([
      {
        ...{ backbone: "dcn", variant: "r4ec", trial: 1, seeds: 2 },
        ...{ split: "valid", metric: "auc", value: 0.72, isSelected: true },
      },
    ]);
  });

  test("takes the lowest mean log loss where that chooses epochs", () => {
    expect(chosen(results, "logloss")).toMatchObject([{ trial: 2, metric: "logloss" }]);
    expect(selectTrials(results, "logloss").map(({ value }) => value)).toEqual(
      [0.6, 0.62, 0.59].map((value) => expect.closeTo(value, 12) as number),
    );
  });

  test("takes the test split, and says so, where that chose the epochs", () => {
    const onTest = results.map((one) => ({ ...one, selectedOn: "test" as const }));
    expect(chosen(onTest)).toMatchObject([{ trial: 0, split: "test", value: 0.9 }]);
  });

  test("chooses for each backbone and variant by itself", () => {
    const base = [
      model(0, 1, { variant: "base", validAuc: 0.9 }),
      model(1, 1, { variant: "base", validAuc: 0.8 }),
    ];
    expect(chosen([...base, ...results]).map(({ variant, trial }) => [variant, trial])).toEqual([
      ["base", 0],
      ["r4ec", 1],
    ]);
  });

  test("takes the first of equal trials, and one with a figure before one without", () => {
    expect(chosen([model(0, 1), model(1, 1)])).toMatchObject([{ trial: 0 }]);
    expect(chosen([model(0, 1, { validAuc: null }), model(3, 1)])).toMatchObject([{ trial: 3 }]);
  });

  test("has a single trial without a value where the last epoch was taken", () => {
    const last = [model(0, 1, { selectedOn: "last" }), model(0, 2, { selectedOn: "last" })];
    expect(chosen(last)).toMatchObject([{ trial: 0, seeds: 2, split: "last", value: null }]);
  });
});
