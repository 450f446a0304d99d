import { describe, expect, test } from "vitest";
import type { RunResults } from "../../../src/report/run-results.ts";
import { trialTable } from "../../../src/report/sections/trial-table.ts";

const trials = (count: number): RunResults["trials"] =>
  Array.from({ length: count }, (_none, trial) => ({
    ...{ backbone: "dcn", variant: "base", trial, seeds: 1, split: "valid", metric: "logloss" },
    settings: { dien: { gru: "augru" }, dropout: trial / 100 },
    value: 0.6 + trial / 1000,
    isSelected: trial === 0,
  }));

const table = (count: number): string =>
  (trialTable({ trials: trials(count) })?.markup ?? "").replace(/\s+/g, " ");

describe("trialTable", () => {
  test("is nothing without a grid", () => {
    expect(table(0)).toBe("");
  });

  test("writes values as the pipeline file does, and the figure that chose", () => {
    const page = table(2);
    expect(page).toContain("LogLoss, nats, valid");
    expect(page).toContain('<td class="number">{&#34;gru&#34;:&#34;augru&#34;}</td>');
    expect(page).toContain('<td class="number">0.6010</td>');
    expect(page.match(/<strong>selected<\/strong>/g)).toHaveLength(1);
    expect(page).not.toContain("<details>");
  });

  test("leaves the place of a setting empty that does not concern the model", () => {
    const [first, second] = trials(2);
    if (first === undefined || second === undefined) throw new Error("no trials");
    const page = trialTable({ trials: [first, { ...second, settings: { dropout: 0.2 } }] });
    expect(page?.markup.replace(/\s+/g, " ")).toContain(
      '<td class="number">1</td><td class="number"></td><td class="number">0.2</td>',
    );
  });

  test("folds up a long list", () => {
    expect(table(31)).toMatch(/<details> <summary>All 31 trials<\/summary>/);
  });
});
