import { describe, expect, test } from "vitest";
import { trainSettings, type TrainSettings } from "../../src/train/settings.ts";
import {
  trainInputs,
  trainStageConfig,
  trainTaskConfig,
  trainTasks,
  trialConfig,
  type TrainParams,
} from "../../src/train/train-tasks.ts";
import { type Protocol } from "../../src/base/terms.ts";
import { variantsOf } from "../../src/pipeline/variants/resolve-variants.ts";
import type { VariantSetting } from "../../src/pipeline/variants/variant-setting.ts";

const paramsOf = (
  settings: TrainSettings,
  variants: readonly VariantSetting[] = ["base", "r4ec"],
  protocol: Protocol = "leakfree",
): readonly TrainParams[] =>
  trainTasks(settings, variantsOf(variants), protocol).map(({ params }) => params);

const separate = { connectorWeights: "separate" } as const;

const defaults = trainSettings.parse({});

describe("trainTasks", () => {
  test("is every backbone with every variant and seed, each once", () => {
    expect(paramsOf({ ...defaults, backbones: ["dcn"], seeds: [2, 1, 2] })).toEqual([
      { backbone: "dcn", variant: "base", role: "base", trial: 0, seed: 2 },
      { backbone: "dcn", variant: "base", role: "base", trial: 0, seed: 1 },
      { backbone: "dcn", variant: "r4ec", role: "knowledge", trial: 0, seed: 2, ...separate },
      { backbone: "dcn", variant: "r4ec", role: "knowledge", trial: 0, seed: 1, ...separate },
    ]);
  });

  test("gives every variant the same trials", () => {
    const settings = trainSettings.parse({
      ...{ backbones: ["dcn"], seeds: [1, 2] },
      grid: { connector: ["mlp", "hea"] },
    });
    expect(
      paramsOf(settings, ["base", "permuted"]).map(({ variant, trial, settings: set, seed }) => [
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
    const variants: readonly VariantSetting[] = [
      ...(["base", "kar", "base+history", "base+id", "base+stats", "random"] as const),
      { name: "dealt", permuted: "kar" },
    ];
    const settings = { ...defaults, backbones: ["dcn" as const], seeds: [1] };
    expect(paramsOf(settings, variants).map(({ backbone, trial, seed, ...rest }) => rest)).toEqual([
      { variant: "base", role: "base" },
      { variant: "kar", role: "knowledge", ...separate },
      { variant: "base+history", role: "control", history: 50 },
      { variant: "base+id", role: "control", userId: true },
      { variant: "base+stats", role: "control", ...separate },
      { variant: "random", role: "control", deal: "random", ...separate },
      { variant: "dealt", role: "control", deal: "permuted", ...separate },
    ]);
  });

  describe("gives users and items weights of their own", () => {
    const separates = (
      { variants = ["r4ec"], ...changes }: { variants?: VariantSetting[]; [key: string]: unknown },
      protocol: Protocol = "leakfree",
    ): readonly boolean[] =>
      paramsOf(
        trainSettings.parse({ backbones: ["dcn"], seeds: [1], ...changes }),
        variants,
        protocol,
      ).map(({ connectorWeights }) => connectorWeights === "separate");

    test("as the paper, except where its public code is followed, or where it is named", () => {
      expect(separates({})).toEqual([true]);
      expect(separates({}, "paper")).toEqual([true]);
      expect(separates({}, "reference")).toEqual([false]);
      expect(separates({ form: "corrected" }, "reference")).toEqual([true]);
      expect(separates({ form: "reference" })).toEqual([false]);
      expect(separates({ connectorWeights: "shared" })).toEqual([false]);
      expect(separates({ connectorWeights: "separate" }, "reference")).toEqual([true]);
    });

    test("only in models that it changes: with vectors of both, and a connector that could share", () => {
      const mine = (sides: object) => [{ name: "mine", ...sides }];
      expect(separates({ variants: mine({ items: "i.parquet", users: "u.parquet" }) })).toEqual([
        true,
      ]);
      expect(separates({ variants: mine({ items: "i.parquet" }) })).toEqual([false]);
      expect(separates({ variants: mine({ users: "u.parquet" }) })).toEqual([false]);
      expect(separates({ variants: ["base"] })).toEqual([false]);
      expect(separates({ connector: "hea", connectorWeights: "separate" })).toEqual([false]);
      expect(separates({ connector: "moe" })).toEqual([true]);
      expect(separates({ grid: { connector: ["mlp", "hea", "moe"] } })).toEqual([
        ...[true, false, true],
      ]);
    });

    test("as the trial says where the grid tries it", () => {
      const settings = trainSettings.parse({
        ...{ backbones: ["dcn"], seeds: [1] },
        grid: { connectorWeights: ["shared", "separate"] },
      });
      const config = trainStageConfig(settings, "leakfree");
      expect(
        paramsOf(settings, ["r4ec"]).map((params) => [
          ...[params.connectorWeights, trialConfig(config, params).train.connectorWeights],
        ]),
      ).toEqual([
        [undefined, "shared"],
        [undefined, "separate"],
      ]);
    });
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

  test("leaves to each model what its connector shares: Base is not trained again", () => {
    for (const connectorWeights of ["shared", "separate"] as const) {
      expect(trainStageConfig({ ...defaults, connectorWeights }, "leakfree")).toEqual(config);
    }
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

  test("says how many values count only where it is not the default, so that earlier tasks keep their keys", () => {
    const { train } = trainTaskConfig.parse(config);
    expect(train).not.toHaveProperty("maxAttributeValues");
    const fewer = trainStageConfig({ ...defaults, maxAttributeValues: 8 }, "leakfree");
    expect(trainTaskConfig.parse(fewer).train).toEqual({ ...train, maxAttributeValues: 8 });
    const tried = trialConfig(config, { settings: { maxAttributeValues: 500 } });
    expect(tried.train.maxAttributeValues).toBe(500);
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
