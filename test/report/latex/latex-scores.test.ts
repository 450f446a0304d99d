import { describe, expect, test } from "vitest";
import {
  bestScore,
  differenceCell,
  markOf,
  marksSentence,
  scoreCell,
} from "../../../src/report/latex/latex-scores.ts";

const one = (mean: number, sd: number | null = null) => ({ mean, sd });

describe("bestScore and scoreCell", () => {
  test("the best is bold, with all that print the same", () => {
    const scores = [one(0.70001), one(0.70004), one(0.6)];
    const best = bestScore(scores, "higher");
    expect(scores.map((score) => scoreCell(score, best))).toEqual([
      ...["\\textbf{0.7000}", "\\textbf{0.7000}", "0.6000"],
    ]);
    expect(scoreCell(one(0.6), bestScore(scores, "lower"))).toBe("\\textbf{0.6000}");
    expect(bestScore([], "higher")).toBeUndefined();
  });

  test("has mark and spread after the score", () => {
    expect(scoreCell(one(0.7, 0.001), "0.7000", "$^{*}$")).toBe(
      "\\textbf{0.7000}$^{*}$ {\\scriptsize $\\pm$ 0.0010}",
    );
  });
});

describe("markOf", () => {
  test("needs the whole interval on one side of 0, and knows which side is better", () => {
    expect(markOf([0.001, 0.002], null, "higher")).toBe("$^{*}$");
    expect(markOf([0.001, 0.002], null, "lower")).toBe("$^{\\dagger}$");
    expect(markOf([-0.002, -0.001], null, "lower")).toBe("$^{*}$");
    expect(markOf([-0.002, -0.001], null, "higher")).toBe("$^{\\dagger}$");
    expect(markOf([-0.001, 0.001], null, "higher")).toBe("");
    expect(markOf([0, 0.001], null, "higher")).toBe("");
    expect(markOf([0.001, 0.002], 0.04, "higher")).toBe("$^{*}$");
    expect(markOf([0.001, 0.002], 0.05, "higher")).toBe("");
    expect(markOf(null, 0.01, "higher")).toBe("");
  });
});

describe("differenceCell", () => {
  test("has signs and brackets", () => {
    expect(differenceCell(-0.01, [-0.02, 0.001])).toBe("$-0.0100$ [$-0.0200$, $+0.0010$]");
    expect(differenceCell(0.01, null)).toBe("$+0.0100$");
    expect(differenceCell(null, null)).toBe("");
  });
});

describe("marksSentence", () => {
  test("names the test, and what is corrected for, if anything", () => {
    const sentence = marksSentence("Base", [500, 500], "all pairs");
    expect(sentence).toContain("better, $^{\\dagger}$ worse than Base");
    expect(sentence).toContain("paired bootstrap over users (500 resamples) excludes 0");
    expect(sentence).toMatch(/, and \$p < 0\.05\$ after Holm's correction for all pairs\.$/);
    expect(marksSentence("Base", [500], null)).toMatch(
      /excludes 0, not corrected for being several\.$/,
    );
    expect(marksSentence("Base", [], null)).toBeNull();
  });
});
