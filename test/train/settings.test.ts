import { describe, expect, test } from "vitest";
import { trainSettings } from "../../src/train/settings.ts";
import { compareSettings } from "../../src/experiments/settings.ts";

const defaults = trainSettings.parse({});

describe("trainSettings", () => {
  test("has a default and a line of documentation for every key", () => {
    expect(defaults).toEqual({
      backbones: ["autoint", "dcn"],
      connector: "mlp",
      connectorWeights: "auto",
      seeds: [1, 2, 3],
      engine: "onnx",
      device: "auto",
      batchSize: 256,
      learningRate: 0.001,
      schedule: "cosine",
      warmup: 0,
      weightDecay: 0,
      l2: 0,
      dropout: 0,
      epochs: 20,
      patience: 3,
      stopOn: "auc",
      form: "auto",
      dien: { gru: "auto", auxiliaryLoss: 0 },
      embeddingDim: 32,
      attributes: ["genre"],
      attributeValues: "auto",
      maxAttributeValues: 64,
      userFeatures: [],
      history: "all",
      longHistory: 50,
      memoryRows: 10_000_000,
      grid: {},
    });
    for (const shape of [trainSettings.shape, compareSettings.shape]) {
      for (const [key, schema] of Object.entries(shape))
        expect(schema.description, key).toBeTruthy();
    }
  });

  test.each([
    { batchsize: 128 },
    { engine: "torch" },
    { device: "wasm" },
    { engine: "tfjs", device: "cuda" },
    { backbones: ["bert"] },
    { backbones: [] },
    { seeds: [1.5] },
    { learningRate: 0 },
    { history: 0 },
    { dropout: 0.95 },
    { l2: -1 },
    { weightDecay: -1 },
    { warmup: 1.1 },
    { stopOn: "accuracy" },
    { form: "paper" },
    { connectorWeights: "own" },
    { grid: { connectorWeights: ["auto"] } },
    { dien: { gru: "lstm" } },
    { dien: { auxiliaryLoss: -1 } },
    { attributeValues: "last" },
    { userFeatures: [""] },
    { grid: { learningRate: [] } },
    { grid: { learningRate: [0.1, 0] } },
    { grid: { learningrate: [0.1] } },
    { grid: { seeds: [1] } },
    { grid: { stopOn: ["auc", "logloss"] } },
  ])("refuses %j", (settings) => {
    expect(trainSettings.safeParse(settings).success).toBe(false);
  });
});
