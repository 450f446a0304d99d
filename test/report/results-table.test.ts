import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { collectResults } from "../../src/report/collect/collect-results.ts";
import { resultsTable } from "../../src/report/results-table.ts";
import type { RunFacts } from "../../src/report/run-facts.ts";
import type { RunResults } from "../../src/report/run-results.ts";
import { addEveryPair, sampleExperiment } from "./sample-experiment.ts";
import { sampleDatabase, sampleFacts, simulatedFacts, type SampleStage } from "./sample-run.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "r4ec-report-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function resultsOf(facts: RunFacts, to: SampleStage = "train"): Promise<RunResults> {
  const db = await sampleDatabase(folder, to);
  const results = await collectResults(db, facts);
  db.close();
  return results;
}

const plain = { colour: false, width: 80 };
const joined = (text: string): string => text.replace(/\s+/g, " ");

describe("resultsTable", () => {
  test("shows mean, spread, relative change and lift with its interval", async () => {
    const lines = resultsTable(await resultsOf(sampleFacts), plain)
      .split("\n")
      .map(joined);
    expect(lines).toContain("AutoInt");
    expect(lines).toContain(" Base 0.7100 ± 0.0141 0.5700 ± 0.0141");
    expect(lines).toContain(" R4ec 0.7400 ± 0.0141 0.5500 ± 0.0141 +0.0300 [+0.0100, +0.0500]");
    expect(lines).toContain(" vs Base +4.23 % −3.51 %"); // 0.03 / 0.71 and -0.02 / 0.57
  });

  test("shows GAUC and ECE where there is room", async () => {
    const lines = resultsTable(await resultsOf(sampleFacts), { colour: false, width: 100 })
      .split("\n")
      .map(joined);
    expect(lines).toContain(" AUC LogLoss GAUC ECE AUC lift [95 % interval]");
    expect(lines).toContain(" Base 0.7100 ± 0.0141 0.5700 ± 0.0141 0.6100 0.0200");
  });

  test("shows controls between Base and knowledge, and the comparison with them", async () => {
    const db = await sampleExperiment(folder);
    const results = await collectResults(db, sampleFacts);
    db.close();
    const text = resultsTable(results, { colour: false, width: 120 });
    const lines = text.split("\n").map(joined);
    expect(lines.slice(2, 12).map((line) => line.replace(/ [+−]?\d.*/, ""))).toEqual([
      ...[" AUC LogLoss GAUC ECE AUC lift [95 % interval]", "AutoInt"],
      ...[" Base", " Base + statistics", " Permuted"],
      ...[" KAR", " vs Base", " R4ec", " vs Base", "DCN"],
    ]);
    expect(lines).toContain(
      " Base + statistics 0.7310 ± 0.0014 0.5690 ± 0.0014 0.6810 0.0200 +0.0300 [+0.0250, +0.0350]",
    );
    expect(joined(text)).toContain(
      "Controls R4ec against the controls: no measurable difference from Base + statistics; better than Permuted.",
    );
    const narrow = resultsTable(results, plain).split("\n");
    expect(Math.max(...narrow.map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(narrow.map(joined)).toContain(
      " Base + statistics 0.7310 ± 0.0014 0.5690 +0.0300 [+0.0250, +0.0350]",
    );
  });

  test("with several pairs, shows p-values and what they are corrected for, and compares knowledge variants", async () => {
    const db = await sampleExperiment(folder);
    await addEveryPair(db);
    const results = await collectResults(db, sampleFacts);
    db.close();
    const text = resultsTable(results, { colour: false, width: 120 });
    const lines = text.split("\n").map(joined);
    expect(lines).toContain(" AUC LogLoss GAUC ECE AUC lift [95 % interval] p");
    expect(lines).toContain(
      " R4ec 0.7320 ± 0.0014 0.5680 ± 0.0014 0.6820 0.0200 +0.0310 [+0.0305, +0.0315] <0.001",
    );
    expect(joined(text)).toContain(
      "p two-sided, from the same resamples, corrected by Holm’s method for all pairs of variants on a backbone (10)",
    );
    // 0.001 over Base + statistics, with an interval above 0, but p = 0.06 after the correction.
    expect(joined(text)).toContain(
      "Controls R4ec against the controls: no measurable difference from Base + statistics; better than Permuted.",
    );
    expect(joined(text)).toContain("Pairs R4ec against other knowledge: better than KAR.");
    expect(joined(text)).not.toContain("Permuted against the controls");
    const narrow = resultsTable(results, plain).split("\n");
    expect(Math.max(...narrow.map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(narrow.map(joined)).toContain(" AUC LogLoss AUC lift [95 % interval]"); // no room for p
    expect(joined(resultsTable(results, { colour: false, width: 50 }))).toContain(
      "lift +0.0310 [+0.0305, +0.0315] p <0.001",
    );
  });

  test("of many knowledge variants, says where they are compared with each other", async () => {
    const [one] = (await resultsOf(sampleFacts)).comparisons;
    if (one === undefined) throw new Error("no comparison");
    const names = ["r1", "r2", "r3", "r4", "r5"];
    const comparisons = names.flatMap((variant, place) =>
      names.slice(0, place).map((baseline) => ({
        ...{ ...one, variant, baseline, baselineRole: "knowledge" as const },
      })),
    );
    const text = resultsTable({ ...(await resultsOf(sampleFacts)), comparisons }, plain);
    expect(joined(text)).toContain(
      "Pairs 5 knowledge variants against each other: see the report, or r4ec sql RUN --saved pairs",
    );
    expect(text).not.toContain("against other knowledge");
  });

  test("marks scores that were selected on test", async () => {
    const results = await resultsOf(sampleFacts);
    expect(resultsTable(results, plain)).not.toContain("selected on test");
    const onTest = resultsTable({ ...results, selectedOn: ["test"] }, plain);
    expect(onTest.split("\n")[0]).toBe("sample  leakfree  selected on test");
  });

  test("says below what the scores rest on", async () => {
    const text = joined(resultsTable(await resultsOf(sampleFacts), plain));
    expect(text).toContain("Protocol leakfree:");
    expect(text).toContain("5 interactions of 2 users with 3 items, 60.0 % positive");
    expect(text).toContain("train 2 rows, 50.0 % positive");
    expect(text).toContain("Seeds 1, 2");
    expect(text).toContain("Epoch selected on valid");
    expect(text).toContain("95 %, paired bootstrap over users, 1,000 resamples");
    expect(text).toContain("50.0 % of the test rows have a user vector, 100.0 % an item vector");
    expect(text).toContain("1 leak audit, 0 violations");
    expect(text).not.toContain("simulated");
  });

  test("says that simulated viewers are simulated and the profiler is no LLM", async () => {
    const text = joined(resultsTable(await resultsOf(simulatedFacts), plain));
    expect(text).toContain(
      "The viewers are simulated and the knowledge comes from the built-in profiler, not an LLM",
    );
  });

  test.each([80, 72, 60, 40])("fits %d columns", async (width) => {
    const lines = resultsTable(await resultsOf(simulatedFacts), { colour: false, width }).split(
      "\n",
    );
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
    expect(joined(lines.join("\n"))).toContain("+0.0300 [+0.0100, +0.0500]");
  });

  test("writes escape codes only when asked for colour", async () => {
    const results = await resultsOf(sampleFacts);
    expect(resultsTable(results, plain)).not.toContain("\u001b");
    expect(resultsTable(results, { colour: true, width: 80 })).toContain("\u001b[32m+0.0300");
  });

  test("says which prompts have no usable answer and which texts no vector, by role and kind, and nothing where all have one", async () => {
    const results = await resultsOf(sampleFacts);
    const error = { variant: "r4ec", subject: "user", role: "reflector", prompts: 1200 } as const;
    const errors = [
      { ...error, kind: "length", rows: 9 },
      { ...error, kind: "empty", rows: 3 },
      { ...error, variant: "kar", role: "actor", kind: "failed", rows: 1, prompts: 40 },
      { ...error, variant: null, role: "teacher", kind: "other", rows: 2, prompts: 5 },
      { ...error, role: "encoder", kind: "rejected", rows: 4, prompts: 50 },
    ];
    const withErrors = { ...results, knowledge: { ...results.knowledge, errors } };
    expect(joined(resultsTable(withErrors, plain))).toContain(
      "Errors Prompts without a usable answer: 12 of 1,200 by the reflector about users for R4ec (length 9, empty 3); " +
        "1 of 40 by the actor about users for KAR (failed 1); 2 of 5 by the teacher about users (other 2). " +
        "Texts without a vector: 4 of 50 by the encoder about users (rejected 4). " +
        "Whoever has no vector at all is trained with zeros. Running again with --retry failed,rejected,length,empty asks again.",
    );
    const without = { ...results, knowledge: { ...results.knowledge, errors: [] } };
    expect(resultsTable(without, plain)).not.toContain("Errors");
  });

  test("names the stages that are still to come", async () => {
    const text = joined(resultsTable(await resultsOf(sampleFacts, "samples"), plain));
    expect(text).toContain("No trained models yet: the stage train makes them.");
    expect(text).toContain("Pending the stages contexts, knowledge, encode, train");
  });
});
