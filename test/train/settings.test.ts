import { describe, expect, test } from "vitest";
import {
  trainInputs,
  trainSettings,
  trainStageConfig,
  trainTaskConfig,
  trainTasks,
  trialConfig,
  type TrainSettings,
} from "../../src/train/settings.ts";
import { type Protocol } from "../../src/base/terms.ts";
import { compareSettings } from "../../src/experiments/settings.ts";
import { variantsOf, type VariantSetting } from "../../src/train/variants.ts";

const defaults = trainSettings.parse({});

describe("trainSettings", () => {
  test("has a default and a line of documentation for every key", () => {
    expect(defaults).toEqual({
      backbones: ["autoint", "dcn"],
      variants: ["base", "r4ec"],
      connector: "mlp",
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
    { dien: { gru: "lstm" } },
    { dien: { auxiliaryLoss: -1 } },
    { attributeValues: "last" },
    { userFeatures: [""] },
    { variants: [] },
    { grid: { learningRate: [] } },
    { grid: { learningRate: [0.1, 0] } },
    { grid: { learningrate: [0.1] } },
    { grid: { seeds: [1] } },
    { grid: { stopOn: ["auc", "logloss"] } },
    { variants: ["bse"] },
    { variants: [{ name: "a/b", items: "x.parquet" }] },
    { variants: [{ name: "llm", item: "x.parquet" }] },
  ])("refuses %j", (settings) => {
    expect(trainSettings.safeParse(settings).success).toBe(false);
  });
});

describe("trainTasks", () => {
  test("is every backbone with every variant and seed, each once", () => {
    expect(trainTasks({ ...defaults, backbones: ["dcn"], seeds: [2, 1, 2] })).toEqual([
      { backbone: "dcn", variant: "base", role: "base", trial: 0, seed: 2 },
      { backbone: "dcn", variant: "base", role: "base", trial: 0, seed: 1 },
      { backbone: "dcn", variant: "r4ec", role: "knowledge", trial: 0, seed: 2 },
      { backbone: "dcn", variant: "r4ec", role: "knowledge", trial: 0, seed: 1 },
    ]);
  });

  test("gives every variant the same trials", () => {
    const settings = trainSettings.parse({
      ...{ backbones: ["dcn"], variants: ["base", "permuted"], seeds: [1, 2] },
      grid: { connector: ["mlp", "hea"] },
    });
    expect(
      trainTasks(settings).map(({ variant, trial, settings: set, seed }) => [
        ...[variant, trial, set, seed],
      ]),
    ).toEqual([
      ["base", 0, { connector: "mlp" }, 1],
      ["base", 0, { connector: "mlp" }, 2],
      ["base", 1, { connector: "hea" }, 1],
      ["base", 1, { connector: "hea" }, 2],
      ["permuted", 0, { connector: "mlp" }, 1],
      ["permuted", 0, { connector: "mlp" }, 2],
      ["permuted", 1, { connector: "hea" }, 1],
      ["permuted", 1, { connector: "hea" }, 2],
    ]);
  });

  test("says what a variant changes, and nothing for those that change nothing", () => {
    const variants: TrainSettings["variants"] = [
      ...(["base", "kar", "base+history", "base+id", "base+stats", "random"] as const),
      { name: "dealt", permuted: "kar" },
    ];
    const settings = { ...defaults, backbones: ["dcn" as const], seeds: [1], variants };
    expect(trainTasks(settings).map(({ backbone, trial, seed, ...rest }) => rest)).toEqual([
      { variant: "base", role: "base" },
      { variant: "kar", role: "knowledge" },
      { variant: "base+history", role: "control", history: 50 },
      { variant: "base+id", role: "control", userId: true },
      { variant: "base+stats", role: "control" },
      { variant: "random", role: "control", deal: "random" },
      { variant: "dealt", role: "control", deal: "permuted" },
    ]);
  });
});

describe("trainStageConfig", () => {
  const config = trainStageConfig(defaults, "leakfree");

  test("leaves the grid out: a new seed does not touch trained models", () => {
    expect(trainStageConfig({ ...defaults, seeds: [1, 2, 3, 4] }, "leakfree")).toEqual(config);
    expect(trainStageConfig({ ...defaults, longHistory: 9 }, "leakfree")).toEqual(config);
    expect(trainStageConfig({ ...defaults, epochs: 5 }, "leakfree")).not.toEqual(config);
    expect(trainStageConfig(defaults, "paper")).not.toEqual(config);
  });

  test("auto follows the protocol; what is named holds under all", () => {
    const settled = (changes: object, protocol: Protocol) => {
      const { train } = trainTaskConfig.parse(
        trainStageConfig({ ...defaults, ...changes }, protocol),
      );
      return [train.form, train.attributeValues];
    };
    expect(settled({}, "leakfree")).toEqual(["corrected", "all"]);
    expect(settled({}, "paper")).toEqual(["corrected", "all"]);
    expect(settled({}, "reference")).toEqual(["reference", "first"]);
    const named = { form: "corrected", attributeValues: "all" };
    expect(settled(named, "reference")).toEqual(["corrected", "all"]);
    expect(settled({ form: "reference" }, "leakfree")).toEqual(["reference", "all"]);
  });

  test("is what the task accepts", () => {
    expect(trainTaskConfig.parse(config)).toEqual(config);
  });

  test("does not follow settings that the grid tries in their place", () => {
    const tried = { grid: { dropout: [0, 0.5], form: ["corrected" as const] } };
    const before = trainStageConfig({ ...defaults, ...tried }, "leakfree");
    const after = { ...defaults, ...tried, dropout: 0.3, form: "reference" as const };
    expect(trainStageConfig(after, "leakfree")).toEqual(before);
    expect(trainStageConfig({ ...after, l2: 0.1 }, "leakfree")).not.toEqual(before);
  });
});

describe("trialConfig", () => {
  const config = trainStageConfig(defaults, "leakfree");

  test("puts a trial's values in the place of the settings, checked again", () => {
    const { train, protocol } = trialConfig(config, { settings: { dropout: 0.5 } });
    expect(protocol).toBe("leakfree");
    expect(train).toEqual({ ...trainTaskConfig.parse(config).train, dropout: 0.5 });
    expect(() => trialConfig(config, { settings: { dropout: 2 } })).toThrow();
  });

  test("is the stage's without a grid", () => {
    expect(trialConfig(config, {})).toEqual(config);
  });
});

describe("trainInputs", () => {
  const inputsOf = (setting: VariantSetting): readonly string[] =>
    variantsOf([setting]).flatMap((variant) => trainInputs(variant, { userFeatures: [] }));

  test.each([
    ["base", []],
    ["base+history", []],
    ["base+id", []],
    ["r4ec", ["user_embeddings", "item_embeddings"]],
    ["kar", ["user_embeddings", "item_embeddings"]],
    ["permuted", ["user_embeddings", "item_embeddings"]],
    ["base+stats", ["user_stats", "item_stats"]],
    [{ name: "llm", items: "x.parquet" }, ["item_embeddings"]],
    [{ name: "llm", users: "x.parquet" }, ["user_embeddings"]],
  ] as const)("%j reads besides samples and items: %j", (setting, tables) => {
    expect(inputsOf(setting)).toEqual(["samples", "items", ...tables]);
  });

  test("users are read for their attributes, not for their ids", () => {
    const inputsWith = (...userFeatures: string[]): readonly string[] =>
      variantsOf(["base"]).flatMap((variant) => trainInputs(variant, { userFeatures }));
    expect(inputsWith("id")).toEqual(["samples", "items"]);
    expect(inputsWith("id", "age")).toEqual(["samples", "items", "users"]);
  });
});
