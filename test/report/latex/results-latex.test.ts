import { expect, test } from "vitest";
import { collectResults } from "../../../src/report/collect/collect-results.ts";
import { resultsLatex } from "../../../src/report/latex/results-latex.ts";
import { resultsCsv } from "../../../src/report/results-csv.ts";
import { scratchFolder } from "../../util/scratch-folder.ts";
import { sampleExperiment } from "../sample-experiment.ts";
import { sampleFacts, simulatedFacts } from "../sample-run.ts";

async function experiment(facts = sampleFacts) {
  const db = await sampleExperiment(await scratchFolder());
  const results = await collectResults(db, { ...facts, name: "run_1" });
  db.close();
  return results;
}

test("results as LaTeX: a group per backbone, the best bold, what the interval supports marked", async () => {
  const latex = resultsLatex(await experiment());
  const lines = latex.split("\n").map((line) => line.trim());
  const spread = "{\\scriptsize $\\pm$ 0.0014}";
  expect(lines).toContain(`AutoInt & Base & 0.7010 ${spread} & 0.5990 ${spread} &  \\\\`);
  expect(lines).toContain(
    `& R4ec & \\textbf{0.7320}$^{*}$ ${spread} & \\textbf{0.5680}$^{*}$ ${spread} & $+0.0310$ [$+0.0260$, $+0.0360$] \\\\`,
  );
  expect(lines).toContain(
    `& Permuted & 0.7030 ${spread} & 0.5970 ${spread} & $+0.0020$ [$-0.0030$, $+0.0070$] \\\\`,
  );
  expect(lines.filter((line) => line.startsWith("DCN & "))).toHaveLength(1);
  expect(latex.match(/\\textbf/g)).toHaveLength(4);
  expect(latex).toContain(
    "\\caption{run\\_1: MovieLens-1M layout at data/ml-1m, protocol leakfree.",
  );
  expect(latex).toContain("Means over 2 seeds, $\\pm$ one standard deviation.");
  expect(latex).toContain("paired bootstrap over users (500 resamples)");
  expect(latex).not.toContain("simulated");
  expect(resultsLatex(await experiment(simulatedFacts))).toContain("The viewers are simulated");
});

test("results as CSV: a row per backbone and variant, with all digits", async () => {
  const [head = "", ...rows] = resultsCsv(await experiment())
    .trimEnd()
    .split("\n");
  expect(rows).toHaveLength(10);
  const columns = head.split(",");
  const cells = rows.find((row) => row.includes("dcn,r4ec"))?.split(",") ?? [];
  expect(cells).toHaveLength(columns.length);
  expect(Number(cells[columns.indexOf("auc")])).toBeCloseTo(0.742, 12);
  expect(Number(cells[columns.indexOf("auc_lift_low")])).toBeCloseTo(0.026, 12);
  const base = rows.find((row) => row.includes("dcn,base,"))?.split(",") ?? [];
  expect(base[columns.indexOf("auc_lift")]).toBe("");
});
