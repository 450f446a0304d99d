import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { collectResults } from "../../src/report/collect-results.ts";
import { resultsTable } from "../../src/report/results-table.ts";
import type { RunFacts } from "../../src/report/run-facts.ts";
import type { RunResults } from "../../src/report/run-results.ts";
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

  test("says below what the figures rest on", async () => {
    const text = joined(resultsTable(await resultsOf(sampleFacts), plain));
    expect(text).toContain("Protocol leakfree:");
    expect(text).toContain("5 interactions of 2 users with 3 items, 60.0 % positive");
    expect(text).toContain("train 2 rows, 50.0 % positive");
    expect(text).toContain("Seeds 1, 2");
    expect(text).toContain("Epoch selected on valid");
    expect(text).toContain("95 %, paired bootstrap by user, 1,000 resamples");
    expect(text).toContain("50.0 % have a user vector, 100.0 % have an item vector");
    expect(text).toContain("1 leak audits, 0 violations");
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

  test("names the stages that are still to come", async () => {
    const text = joined(resultsTable(await resultsOf(sampleFacts, "samples"), plain));
    expect(text).toContain("No trained model yet: the stage train fills the results.");
    expect(text).toContain("waits for the stages contexts, knowledge, encode, train");
  });
});
