import { describe, expect, test } from "vitest";
import { modelDifference } from "../../../src/experiments/runs/model-difference.ts";
import type { ResampledModel } from "../../../src/experiments/runs/resample-models.ts";

/** A model that reached `auc`, and as much in each resample plus what `around` says. */
function model(seed: number, auc: number | null, around: readonly number[] = [0]): ResampledModel {
  return {
    ...{ backbone: "dcn", variant: "base", trial: 0, seed, role: "base", selectedOn: "valid" },
    ...{ auc, logLoss: 1 - (auc ?? 0.5), validAuc: null, validLogLoss: null, testRows: 4 },
    scores: {
      ...{ auc, logLoss: 1 - (auc ?? 0.5) },
      resampled: {
        auc: Float64Array.from(around, (one) => (auc ?? NaN) + one),
        logLoss: Float64Array.from(around, (one) => 1 - (auc ?? 0.5) - one),
      },
    },
  };
}

describe("modelDifference", () => {
  test("is the difference of the means over common seeds, with its interval", () => {
    const before = [model(1, 0.7, [0, 0, 0]), model(2, 0.72, [0, 0, 0]), model(3, 0.1, [0, 0, 0])];
    const after = [model(2, 0.75, [0, 0.01, -0.01]), model(1, 0.73, [0, 0.01, -0.01])];
    const found = modelDifference(before, after);
    expect(found).toMatchObject({ seeds: 2, resamples: 3 });
    expect(found?.auc).toBeCloseTo(0.03, 12);
    expect(found?.logloss).toBeCloseTo(-0.03, 12);
    const [low = NaN, high = NaN] = found?.aucInterval ?? [];
    expect(low).toBeCloseTo(0.0205, 10); // 2.5 % of 0.02, 0.03, 0.04
    expect(high).toBeCloseTo(0.0395, 10);
  });

  test("resamples are paired: what moves both moves nothing between them", () => {
    const moved = [0.1, -0.2, 0.05];
    const found = modelDifference([model(1, 0.7, moved)], [model(1, 0.71, moved)]);
    const [low = NaN, high = NaN] = found?.aucInterval ?? [];
    expect(low).toBeCloseTo(0.01, 12);
    expect(high).toBeCloseTo(0.01, 12);
  });

  test("has no AUC where one side has none, and is null without a common seed", () => {
    const found = modelDifference([model(1, null)], [model(1, 0.7)]);
    expect(found).toMatchObject({ auc: null, aucInterval: null, resamples: 0 });
    expect(modelDifference([model(1, 0.7)], [model(2, 0.7)])).toBeNull();
  });
});
