import { describe, expect, test } from "vitest";
import { differingSettings } from "../../../src/report/compare/differing-settings.ts";
import { whyNotPaired } from "../../../src/report/compare/why-not-paired.ts";
import { sampleRun } from "./sample-comparison.ts";

describe("differingSettings", () => {
  test("flattens blocks, keeps lists whole, and knows what is not set", () => {
    const settings = [
      { a: { b: 1, same: true }, list: [1, 2], block: { x: 1, y: 2 } },
      { a: { b: 2, same: true }, list: [2, 1], block: { y: 2, x: 1 }, more: { c: "text" } },
    ];
    expect(differingSettings(settings)).toEqual([
      { setting: "a.b", values: [1, 2] },
      {
        setting: "list",
        values: [
          [1, 2],
          [2, 1],
        ],
      },
      { setting: "more.c", values: [null, "text"] },
    ]);
    expect(differingSettings(settings.slice(0, 1))).toEqual([]);
  });
});

describe("whyNotPaired", () => {
  const settings = { protocol: "leakfree", samples: { testShare: 0.2, history: 10 } };
  const first = { run: sampleRun("a"), settings };
  const reasons = (changes: Parameters<typeof sampleRun>[1], other: object = {}) =>
    whyNotPaired(first, { run: sampleRun("b", changes), settings: { ...settings, ...other } });
  const fewer = { testRows: { rows: 30, users: 3 } };
  const rows = "test rows: 40 of 3 users in a, 30 of 3 users in b";

  test("names both sides of protocol, split and data", () => {
    expect(reasons({ ...fewer, protocol: "paper" }, { protocol: "paper" })).toEqual([
      ...["protocol: leakfree in a, paper in b", rows],
    ]);
    expect(reasons(fewer, { samples: { testShare: 0.1, history: 5 } })).toEqual([
      ...["samples.testShare: 0.2 in a, 0.1 in b", rows],
    ]);
    expect(reasons({ ...fewer, dataset: "other plays", interactions: 900 })).toEqual([
      "data: a log of plays (1,200 interactions) in a, other plays (900 interactions) in b",
      rows,
    ]);
    expect(reasons(fewer, { dataset: { positiveAbove: 4 } })).toEqual([
      ...["dataset.positiveAbove: not set in a, 4 in b", rows],
    ]);
  });

  test("says that the files must have changed where no setting does", () => {
    expect(reasons(fewer, { train: { epochs: 9 } })).toEqual([
      rows,
      expect.stringMatching(/files of the source changed between the runs$/),
    ]);
  });

  test("names a run that is not far enough, and how to go on", () => {
    expect(reasons({ seeds: [] })).toEqual([
      "b has no trained models yet: run its pipeline to the end with --out runs/b",
    ]);
  });
});
