import { describe, expect, test } from "vitest";
import type { ModelCard } from "../../../src/train/export/model-card.ts";
import { chooseModel } from "../../../src/train/score/choose-model.ts";

type Given = Pick<ModelCard, "variant" | "seed" | "selectedOn" | "selectedBy"> & {
  readonly backbone: string;
  readonly figures: Partial<ModelCard["figures"]>;
};

function model(given: Partial<Given>): { card: ModelCard } {
  const { backbone = "dcn", figures, ...rest } = given;
  const nothing = { trainLoss: null, validAuc: null, validLogLoss: null };
  return {
    card: {
      format: 1,
      r4ec: "0.0.0",
      task: "key",
      model: {
        file: "model.onnx",
        sha256: "",
        backbone,
        form: "corrected",
        connector: null,
        parameters: 1,
        looksAcrossRows: false,
      },
      variant: "base",
      protocol: "leakfree",
      trial: 0,
      seed: 1,
      epoch: 1,
      selectedOn: "valid",
      selectedBy: "auc",
      figures: { ...nothing, testAuc: null, testLogLoss: null, ...figures },
      settings: {},
      inputs: [],
      outputs: [],
      items: { count: 0, sha256: "", rule: "" },
      attributes: { names: [], slots: [], which: "all", values: 0, rule: "" },
      ratings: { values: [], rule: "" },
      history: { length: 1, rule: "" },
      vectors: {},
      ...rest,
    },
  };
}

const one = model({ figures: { validAuc: 0.7, validLogLoss: 0.5, testAuc: 0.9 } });
const two = model({ seed: 2, figures: { validAuc: 0.8, validLogLoss: 0.6, testAuc: 0.1 } });
const other = model({ backbone: "autoint", variant: "r4ec", figures: { validAuc: 0.75 } });

describe("chooseModel", () => {
  test("takes the best on the split that chose the epoch, never by test where valid chose", () => {
    expect(chooseModel([one, two, other], {})).toEqual({
      chosen: two,
      reason: "highest AUC on the valid split, 0.8000, of 3 models",
    });
  });

  test("goes by the figure that chose the epoch", () => {
    const byLoss = [one, two].map(({ card }) => ({
      card: { ...card, selectedBy: "logloss" as const },
    }));
    const { chosen, reason } = chooseModel(byLoss, {});
    expect(chosen.card.seed).toBe(1);
    expect(reason).toBe("lowest log loss on the valid split, 0.5000, of 2 models");
    const onTest = [one, two].map(({ card }) => ({
      card: { ...card, selectedOn: "test" as const },
    }));
    expect(chooseModel(onTest, {}).reason).toContain("on the test split, 0.9000");
  });

  test("keeps to the filter, and names all there are when nothing fits", () => {
    expect(chooseModel([one, two, other], { backbone: "dcn", seed: 1 })).toEqual({
      chosen: one,
      reason: "the only one that fits",
    });
    expect(() => chooseModel([one, other], { variant: "kar" })).toThrow(
      "no such model; the run has dcn base seed 1, autoint r4ec seed 1",
    );
  });

  test("does not guess where no split has chosen", () => {
    const last = [one, two].map(({ card }) => ({
      card: { ...card, selectedOn: "last" as const, selectedBy: null },
    }));
    expect(() => chooseModel(last, {})).toThrow(/no split chooses between models; name one with/);
    expect(chooseModel(last, { seed: 2 }).chosen.card.seed).toBe(2);
  });
});
