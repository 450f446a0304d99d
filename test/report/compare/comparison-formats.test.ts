import { describe, expect, test } from "vitest";
import { comparisonCsv } from "../../../src/report/compare/comparison-csv.ts";
import { comparisonLatex } from "../../../src/report/compare/comparison-latex.ts";
import { comparisonPage } from "../../../src/report/compare/comparison-page.ts";
import { comparisonText } from "../../../src/report/compare/comparison-text.ts";
import { sampleComparison, sampleRun } from "./sample-comparison.ts";

const joined = (text: string): string => text.replace(/\s+/g, " ");

describe("comparisonText", () => {
  const lines = comparisonText(sampleComparison, 100).split("\n");

  test("shows settings, results and what the interval is of", () => {
    const words = lines.map(joined);
    expect(words).toContain(" train.seeds [1] [1,2] not set");
    expect(words).toContain("Results AUC LogLoss lift over Base [95 %] AUC against a [95 %] p");
    expect(words).toContain(" b 0.7100 ± 0.0010 0.6100 +0.0100 [+0.0040, +0.0160] 0.008");
    expect(words).toContain(" b 0.7200 ± 0.0010 0.5900 +0.0100 [+0.0020, +0.0180]");
    expect(joined(lines.join(" "))).toContain(
      "a run minus a, on the same test rows, of the seeds that both have; 95 % intervals, paired bootstrap over users, 300 resamples",
    );
    expect(joined(lines.join(" "))).toContain(
      "c_1 has no intervals against a: protocol: leakfree in a, reference in c_1",
    );
    expect(lines.join("\n")).toContain("Selected on test, which flatters every score: c_1");
  });

  test("shows cost with what has no price or no count, and time", () => {
    const words = lines.map(joined);
    expect(words).toContain(" a asked nobody");
    expect(words).toContain(" b actor large 40 1,000 300 $0.0125");
    expect(words).toContain(" encoder vec 3 not said no price");
    expect(words).toContain(" total 43 1,000 300 $0.0125 and what has no price");
    expect(words).toContain(" train 1 min 01 s 1 min 01 s 1 min 01 s");
    expect(words).toContain(" total 1 min 05 s 1 min 05 s 1 min 05 s");
  });

  test("says outright that nothing differs, nothing is trained, nobody was asked", () => {
    const runs = [sampleRun("a", { seeds: [] }), sampleRun("b", { seeds: [], testRows: null })];
    const empty = { settings: [], results: [], differences: [], notPaired: [] };
    const text = comparisonText({ format: 1, runs, ...empty }, 100);
    expect(text).toContain("Settings: the same in all runs");
    expect(text).toContain("Results: no trained models yet");
    expect(text).toContain("Cost: no run asked a language model or a remote encoder");
    expect(text).toMatch(/ b .*no test rows yet +no trained models yet\n/);
  });
});

describe("comparisonCsv", () => {
  test("has a row per run, backbone and variant, with differing settings as columns", () => {
    const [head = "", ...rows] = comparisonCsv(sampleComparison).trimEnd().split("\n");
    expect(rows).toHaveLength(4);
    expect(head).toMatch(/,cost_usd,task_seconds,protocol,train\.seeds$/);
    expect(rows[1]).toMatch(/^b,runs\/b,leakfree,dcn,base,base,2,0\.71,0\.001,0\.61,/);
    expect(rows[1]).toMatch(
      /,a,0\.01,0\.004,0\.016,0\.004,0\.01,-0\.001,0\.021,0\.2,0\.008,0\.4,300,43,1000,300,0\.0125,65,/,
    );
    expect(rows[1]).toMatch(/,leakfree,"\[1,2\]"$/);
    expect(rows[2]).toMatch(/,reference,$/);
  });
});

describe("comparisonLatex", () => {
  const latex = comparisonLatex(sampleComparison);

  test("marks differences to the first run and escapes names", () => {
    const spread = "{\\scriptsize $\\pm$ 0.0010}";
    expect(latex).toContain(
      ` &  & b & 0.7100$^{*}$ ${spread} & 0.6100 ${spread} & $+0.0100$ [$+0.0040$, $+0.0160$] \\\\`,
    );
    expect(latex).toContain(" &  & c\\_1 & ");
    expect(latex).toContain("after Holm's correction for all differences to it, in each metric.");
    expect(latex).toContain("c\\_1 has no intervals against a: protocol:");
  });

  test("ranks scores on the same test rows only", () => {
    expect(latex).toContain("The best score per backbone and run is bold");
    expect(latex).toContain("a & \\textbf{0.7000} ");
    expect(latex).toContain("c\\_1 & \\textbf{0.8000} ");
    const one = comparisonLatex({ ...sampleComparison, notPaired: [] });
    expect(one).toContain("The best score per backbone is bold.");
    expect(one).not.toContain("\\textbf{0.7000}");
    expect(one).toContain("c\\_1 & \\textbf{0.8000} ");
  });
});

describe("comparisonPage", () => {
  test("shows everything on one page without scripts, with data as text", async () => {
    const [first, ...others] = sampleComparison.runs;
    if (first === undefined) throw new Error("no runs");
    const runs = [{ ...first, dataset: "<script>alert(1)</script>" }, ...others];
    const page = joined(await comparisonPage({ ...sampleComparison, runs }));
    expect(page).not.toContain("<script");
    expect(page).toContain("<code>train.seeds</code>");
    expect(page).toContain('<td class="number">+0.0100 [+0.0040, +0.0160]</td>');
    expect(page).toContain(
      "c_1 has no intervals against a: protocol: leakfree in a, reference in c_1.",
    );
    expect(page).toContain("DCN: AUC against a");
    expect(page).toContain("Base, b");
    expect(page).toContain("Whisker: 95 %, paired bootstrap over users, 300 resamples.");
    expect(page).not.toContain("Ticks:");
    expect(page).toContain("$0.0125 and what has no price");
  });

  test("has no figure without differences", async () => {
    const page = await comparisonPage({ ...sampleComparison, differences: [] });
    expect(page).not.toContain("<figure>");
    expect(page).not.toContain('href="#differences"');
  });
});
