import { describe, expect, test } from "vitest";
import {
  compareSettings,
  trainInputs,
  trainSettings,
  trainStageConfig,
  trainTaskConfig,
  trainTasks,
} from "../../src/train/settings.ts";

const defaults = trainSettings.parse({});

describe("trainSettings", () => {
  test("has a default and a line of documentation for every key", () => {
    expect(defaults).toEqual({
      backbones: ["autoint", "dcn"],
      variants: ["base", "r4ec"],
      connector: "mlp",
      seeds: [1, 2, 3],
      batchSize: 256,
      learningRate: 0.001,
      schedule: "cosine",
      epochs: 20,
      patience: 3,
      embeddingDim: 32,
      attributes: ["genre"],
      history: "all",
    });
    for (const shape of [trainSettings.shape, compareSettings.shape]) {
      for (const [key, schema] of Object.entries(shape))
        expect(schema.description, key).toBeTruthy();
    }
  });

  test.each([
    { batchsize: 128 },
    { backbones: ["bert"] },
    { backbones: [] },
    { seeds: [1.5] },
    { learningRate: 0 },
    { history: 0 },
    { attributes: [] },
  ])("refuses %j", (settings) => {
    expect(trainSettings.safeParse(settings).success).toBe(false);
  });
});

describe("trainTasks", () => {
  test("is the grid, each point once", () => {
    expect(trainTasks({ ...defaults, backbones: ["dcn"], seeds: [2, 1, 2] })).toEqual([
      { backbone: "dcn", variant: "base", seed: 2 },
      { backbone: "dcn", variant: "base", seed: 1 },
      { backbone: "dcn", variant: "r4ec", seed: 2 },
      { backbone: "dcn", variant: "r4ec", seed: 1 },
    ]);
  });
});

describe("trainStageConfig", () => {
  const config = trainStageConfig(defaults, "leakfree");

  test("leaves the grid out: a new seed does not touch trained models", () => {
    expect(trainStageConfig({ ...defaults, seeds: [1, 2, 3, 4] }, "leakfree")).toEqual(config);
    expect(trainStageConfig({ ...defaults, epochs: 5 }, "leakfree")).not.toEqual(config);
    expect(trainStageConfig(defaults, "paper")).not.toEqual(config);
  });

  test("is what the task accepts", () => {
    expect(trainTaskConfig.parse(config)).toEqual(config);
  });
});

describe("trainInputs", () => {
  test("keeps knowledge away from Base", () => {
    expect(trainInputs("base")).toEqual(["samples", "items"]);
    expect(trainInputs("r4ec")).toEqual(["samples", "items", "user_embeddings", "item_embeddings"]);
  });
});
