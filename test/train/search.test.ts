import { describe, expect, test } from "vitest";
import { trainSettings, triedSettings } from "../../src/train/settings.ts";
import { searchTrials, wholeNumbersIn } from "../../src/train/search.ts";

const isWhole = wholeNumbersIn(triedSettings);

/** The values drawn, by trial. */
function drawn(search: object): readonly Readonly<Record<string, unknown>>[] {
  const { search: parsed } = trainSettings.parse({ search });
  if (parsed === undefined) throw new Error("no search");
  return searchTrials(parsed, isWhole).map(({ settings }) => settings ?? {});
}

const valuesOf = (search: object, key: string): readonly number[] =>
  drawn(search).map((settings) => Number(settings[key]));

/** Message of the first fault. */
function faultOf(search: object): string | undefined {
  const [issue] = trainSettings.safeParse({ search }).error?.issues ?? [];
  return issue && `${issue.path.join(".")}: ${issue.message}`;
}

const rates = { learningRate: { min: 1e-4, max: 1e-2, scale: "log" } };

describe("searchTrials", () => {
  test("draws as many combinations as the budget, all different and numbered from 0", () => {
    const { search } = trainSettings.parse({
      search: { trials: 12, ...rates, connector: ["mlp", "hea"] },
    });
    const trials = search === undefined ? [] : searchTrials(search, isWhole);
    expect(trials.map(({ trial }) => trial)).toEqual(Array.from({ length: 12 }, (_none, n) => n));
    expect(new Set(trials.map(({ settings }) => JSON.stringify(settings))).size).toBe(12);
    for (const { settings } of trials) {
      expect(Object.keys(settings ?? {}).sort()).toEqual(["connector", "learningRate"]);
    }
  });

  test("gives the same trials for the same seed, others for another", () => {
    expect(drawn({ trials: 5, ...rates })).toEqual(drawn({ trials: 5, seed: 1, ...rates }));
    expect(drawn({ trials: 5, seed: 2, ...rates })).not.toEqual(drawn({ trials: 5, ...rates }));
  });

  test("a larger budget leaves the first trials as they are", () => {
    const some = { dropout: { min: 0, max: 0.5 }, batchSize: [64, 128] };
    expect(drawn({ trials: 20, ...some }).slice(0, 7)).toEqual(drawn({ trials: 7, ...some }));
  });

  test("another setting leaves the draws of the first alone", () => {
    const more = { ...rates, dropout: { min: 0, max: 0.5 } };
    expect(valuesOf({ trials: 9, ...more }, "learningRate")).toEqual(
      valuesOf({ trials: 9, ...rates }, "learningRate"),
    );
  });

  test("a log scale gives each power of ten its share, a linear one each width", () => {
    const log = valuesOf({ trials: 400, ...rates }, "learningRate");
    const below = log.filter((value) => value < 1e-3).length / log.length;
    expect(below).toBeGreaterThan(0.42);
    expect(below).toBeLessThan(0.58);
    const linear = valuesOf(
      { trials: 400, learningRate: { min: 1e-4, max: 1e-2 } },
      "learningRate",
    );
    expect(linear.filter((value) => value < 1e-3).length / linear.length).toBeLessThan(0.2);
    for (const value of [...log, ...linear]) {
      expect(value).toBeGreaterThanOrEqual(1e-4);
      expect(value).toBeLessThanOrEqual(1e-2);
    }
  });

  test("draws whole numbers where the setting is one, each of them, the ends included", () => {
    for (const scale of ["linear", "log"]) {
      const sizes = valuesOf(
        { trials: 5, embeddingDim: { min: 3, max: 7, scale } },
        "embeddingDim",
      );
      expect([...sizes].sort()).toEqual([3, 4, 5, 6, 7]);
    }
    const events = valuesOf({ trials: 3, history: { min: 1, max: 3 } }, "history");
    expect([...events].sort()).toEqual([1, 2, 3]);
  });

  test("writes numbers with few digits", () => {
    const texts = [
      ...valuesOf({ trials: 50, ...rates }, "learningRate"),
      ...valuesOf({ trials: 50, dropout: { min: 0, max: 0.5 } }, "dropout"),
    ].map((value) => value.toExponential().replace(/e.*/, ""));
    expect(Math.max(...texts.map((text) => text.length))).toBeLessThanOrEqual(6);
  });

  test("tries every combination when the budget is as large, equal values once", () => {
    const all = drawn({ trials: 6, batchSize: [64, 128, 64], connector: ["mlp", "moe", "hea"] });
    expect(new Set(all.map((one) => JSON.stringify(one))).size).toBe(6);
  });
});

describe("train.search", () => {
  test.each([
    [{ trials: 3 }, /^search: names no setting to try; add one, such as learningRate/],
    [{ ...rates }, /^search\.trials: /],
    [{ trials: 0, ...rates }, /^search\.trials: Too small/],
    [{ trials: 1001, ...rates }, /^search\.trials: Too big/],
    [
      { trials: 5, connector: ["mlp", "hea"], batchSize: [64, 128] },
      /^search\.trials: there are only 4 different combinations; lower it, or try all of them with train\.grid$/,
    ],
    [{ trials: 5, patience: { min: 1, max: 4 } }, /^search\.trials: there are only 4 different/],
    [
      { trials: 2, dropout: { min: 0.2, max: 0.2 } },
      /^search\.dropout\.min: must be less than max, 0\.2; for a single value set it under train/,
    ],
    [{ trials: 2, dropout: { min: 0.3, max: 0.1 } }, /^search\.dropout\.min: must be less than/],
    [
      { trials: 2, dropout: { min: 0, max: 0.5, scale: "log" } },
      /^search\.dropout\.min: a log scale has no 0; give a min above 0, or use scale: linear$/,
    ],
    [{ trials: 2, dropout: [] }, /^search\.dropout: /],
  ])("%j is refused", (search, message) => {
    expect(faultOf(search)).toMatch(message);
  });

  test.each([
    { trials: 2, dropout: { min: 0, max: 0.95 } },
    { trials: 2, connector: { min: 0, max: 1 } },
    { trials: 2, batchSize: { min: 1.5, max: 4 } },
    { trials: 2, dropout: { min: 0, max: 0.5, step: 0.1 } },
    { trials: 2, stopOn: ["auc", "logloss"] },
    { trials: 2, seed: -1, dropout: { min: 0, max: 0.5 } },
  ])("%j is refused", (search) => {
    expect(trainSettings.safeParse({ search }).success).toBe(false);
  });

  test("is refused beside a grid, with the cure", () => {
    const both = { grid: { dropout: [0, 0.1] }, search: { trials: 2, ...rates } };
    const [issue] = trainSettings.safeParse(both).error?.issues ?? [];
    expect(issue?.path).toEqual(["search"]);
    expect(issue?.message).toMatch(/cannot be tried together; leave out train\.grid/);
  });
});
