import type { ComparedRun, RunComparison } from "../../../src/report/compare/run-comparison.ts";

/** A run with three test users that asked nobody. */
export function sampleRun(run: string, changes: Partial<ComparedRun> = {}): ComparedRun {
  return {
    ...{ run, folder: `runs/${run}`, name: run, protocol: "leakfree", dataset: "a log of plays" },
    ...{ simulated: false, interactions: 1200, seeds: [1, 2], selectedOn: ["valid"] },
    ...{ testRows: { rows: 40, users: 3 }, costs: [], pendingStages: [] },
    stages: [
      { name: "knowledge", seconds: 4, tasks: 2 },
      { name: "train", seconds: 61, tasks: 4 },
    ],
    ...changes,
  };
}

const result = { backbone: "dcn", seeds: 2, gauc: null } as const;
const score = (mean: number) => ({ mean, sd: 0.001 });

/** Three runs, of which `b` asked two models and has the first run's test rows; `c_1` has others. */
export const sampleComparison: RunComparison = {
  format: 1,
  runs: [
    sampleRun("a"),
    sampleRun("b", {
      costs: [
        {
          ...{ role: "actor", model: "large", requests: 40, promptTokens: 1000 },
          ...{ completionTokens: 300, costUsd: 0.0125, isPartlyUnpriced: false },
        },
        {
          ...{ role: "encoder", model: "vec", requests: 3, promptTokens: null },
          ...{ completionTokens: null, costUsd: null, isPartlyUnpriced: true },
        },
      ],
    }),
    sampleRun("c_1", { protocol: "reference", selectedOn: ["test"] }),
  ],
  settings: [
    { setting: "protocol", values: ["leakfree", "leakfree", "reference"] },
    { setting: "train.seeds", values: [[1], [1, 2], null] },
  ],
  results: [
    {
      ...{ ...result, run: "a", variant: "base", label: "Base", role: "base", auc: score(0.7) },
      ...{ logloss: score(0.6), aucLift: null, aucLiftInterval: null },
    },
    {
      ...{ ...result, run: "b", variant: "base", label: "Base", role: "base", auc: score(0.71) },
      ...{ logloss: score(0.61), aucLift: null, aucLiftInterval: null },
    },
    {
      ...{ ...result, run: "c_1", variant: "base", label: "Base", role: "base", auc: score(0.8) },
      ...{ logloss: score(0.5), aucLift: null, aucLiftInterval: null },
    },
    {
      ...{
        ...result,
        run: "b",
        variant: "r4ec",
        label: "R4ec",
        role: "knowledge",
        auc: score(0.72),
      },
      ...{ logloss: score(0.59), aucLift: 0.01, aucLiftInterval: [0.002, 0.018] },
    },
  ],
  differences: [
    {
      ...{ run: "b", baseline: "a", backbone: "dcn", variant: "base", seeds: 2, resamples: 300 },
      ...{ aucDifference: 0.01, aucInterval: [0.004, 0.016] },
      ...{ loglossDifference: 0.01, loglossInterval: [-0.001, 0.021] },
      ...{ aucP: 0.004, aucPHolm: 0.008, loglossP: 0.2, loglossPHolm: 0.4 },
    },
  ],
  notPaired: [{ run: "c_1", reasons: ["protocol: leakfree in a, reference in c_1"] }],
};
