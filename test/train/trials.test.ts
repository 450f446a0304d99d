import { describe, expect, test } from "vitest";
import { trainSettings } from "../../src/train/settings.ts";
import { triedKeys, triedValues, trialsOf } from "../../src/train/trials.ts";
import { variantsOf } from "../../src/pipeline/variants/resolve-variants.ts";
import type { VariantSetting } from "../../src/pipeline/variants/variant-setting.ts";
import type { BackboneName } from "../../src/models/backbones.ts";

const settingsWith = (train: object) => trainSettings.parse(train);

function trialsWith(train: object, backbone: BackboneName, name: VariantSetting) {
  const [variant] = variantsOf([name]);
  if (variant === undefined) throw new Error("no variant");
  return trialsOf(settingsWith(train))({ backbone, variant });
}

describe("trialsOf", () => {
  test("a grid's trials are the same for every backbone and variant", () => {
    const train = { grid: { connector: ["mlp", "hea"], dien: [{ gru: "gru" }] } };
    expect(trialsWith(train, "dcn", "base")).toEqual(trialsWith(train, "dien", "r4ec"));
    expect(trialsWith({}, "dcn", "base")).toEqual([{ trial: 0 }]);
  });

  const search = {
    ...{ trials: 8, dropout: { min: 0, max: 0.5 }, connector: ["mlp", "hea"] },
    ...{ dien: [{ gru: "gru" }, { gru: "augru" }], history: { min: 2, max: 5 } },
  };

  test("a search gives a model the same values less what it has no use for", () => {
    const whole = trialsWith({ search }, "dien", "r4ec");
    const without = (...keys: string[]) =>
      whole.map(({ trial, settings = {} }) => ({
        trial,
        settings: Object.fromEntries(
          Object.entries(settings).filter(([key]) => !keys.includes(key)),
        ),
      }));
    expect(whole).toHaveLength(8);
    expect(trialsWith({ search }, "dcn", "r4ec")).toEqual(without("dien"));
    expect(trialsWith({ search }, "dcn", "base")).toEqual(without("dien", "connector"));
    expect(trialsWith({ search }, "dien", "base+history")).toEqual(without("connector", "history"));
  });

  test("trains equal models once: the first of the trials", () => {
    const onlyConnectors = { search: { trials: 3, connector: ["mlp", "moe", "hea"] } };
    expect(trialsWith(onlyConnectors, "dcn", "base")).toEqual([{ trial: 0 }]);
    const sizes = { search: { trials: 4, connector: ["mlp", "hea"], batchSize: [64, 128] } };
    const trials = trialsWith(sizes, "dcn", "base");
    expect(trials.map(({ settings }) => settings?.["batchSize"]).sort()).toEqual([128, 64]);
    expect(trials[0]?.trial).toBe(0);
  });
});

describe("triedKeys and triedValues", () => {
  test("name what a grid or a search sets, not its budget", () => {
    expect(triedKeys(settingsWith({ grid: { dropout: [0, 0.1] } }))).toEqual(["dropout"]);
    const train = settingsWith({ search: { trials: 2, attributes: [["genre"], ["mood"]] } });
    expect(triedKeys(train)).toEqual(["attributes"]);
    expect(triedValues(train, "attributes")).toEqual([["genre"], ["mood"]]);
  });

  test("a range has no list of values", () => {
    const train = settingsWith({ search: { trials: 2, dropout: { min: 0, max: 0.5 } } });
    expect(triedValues(train, "dropout")).toEqual([]);
    expect(triedValues(settingsWith({}), "dropout")).toEqual([]);
  });
});
