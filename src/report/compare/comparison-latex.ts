import { groupBy } from "../../base/group-by.ts";
import { backboneName } from "../wording/display-names.ts";
import { latexTable, latexText } from "../latex/latex-table.ts";
import {
  bestScore,
  differenceCell,
  markOf,
  marksSentence,
  scoreCell,
} from "../latex/latex-scores.ts";
import {
  notPairedSentence,
  selectedOnTestSentence,
  simulatedSentence,
} from "./comparison-notes.ts";
import { differenceOf, type ComparedResult, type RunComparison } from "./run-comparison.ts";

/** Compared runs as a table for a paper: one group per backbone, each result against the same in the first run. */
export function comparisonLatex(comparison: RunComparison): string {
  const { runs, results, differences, notPaired } = comparison;
  const first = latexText(runs[0]?.run ?? "");
  // Scores on different test rows cannot be ranked.
  const isOneTest = notPaired.length === 0;
  const groups = groupBy(results, ({ backbone }) => [backbone]).map((rows) =>
    rows.map((one, place) =>
      rowOf(comparison, one, isOneTest ? rows : sameRun(rows, one), place, rows),
    ),
  );
  const tested = differences.filter(({ aucInterval }) => aucInterval !== null);
  const sentences = [
    "Means over seeds, $\\pm$ one standard deviation where there are several.",
    isOneTest
      ? "The best score per backbone is bold."
      : "The best score per backbone and run is bold: the runs have different test rows.",
    marksSentence(
      `the same model in ${first}`,
      tested.map(({ resamples }) => resamples),
      tested.every(({ aucPHolm }) => aucPHolm !== null)
        ? "all differences to it, in each metric"
        : null,
    ),
    ...[
      ...notPaired.map((one) => notPairedSentence(comparison, one)),
      selectedOnTestSentence(comparison),
      simulatedSentence(comparison),
    ].map((text) => (text === null ? null : `${latexText(text).replace(/\.$/, "")}.`)),
  ];
  return latexTable({
    caption: sentences.filter((sentence) => sentence !== null).join(" "),
    label: `r4ec-compare-${runs.map(({ run }) => run).join("-")}`,
    source: `The runs ${runs.map(({ folder }) => folder).join(", ")}, compared by r4ec`,
    columns: [
      { head: "Backbone", align: "l" },
      { head: "Model", align: "l" },
      { head: "Run", align: "l" },
      { head: "AUC", align: "r" },
      { head: "LogLoss", align: "r" },
      ...(differences.length === 0
        ? []
        : [{ head: `$\\Delta$AUC to ${first} [95\\,\\%]`, align: "r" } as const]),
    ],
    groups,
  });
}

function sameRun(
  rows: readonly ComparedResult[],
  { run }: ComparedResult,
): readonly ComparedResult[] {
  return rows.filter((row) => row.run === run);
}

/** @param ranked - The results of which the best is bold */
function rowOf(
  comparison: RunComparison,
  one: ComparedResult,
  ranked: readonly ComparedResult[],
  place: number,
  rows: readonly ComparedResult[],
): readonly string[] {
  const found = differenceOf(comparison, one);
  const bestAuc = bestScore(
    ranked.map(({ auc }) => auc),
    "higher",
  );
  const bestLoss = bestScore(
    ranked.map(({ logloss }) => logloss),
    "lower",
  );
  return [
    place === 0 ? latexText(backboneName(one.backbone)) : "",
    rows[place - 1]?.label === one.label ? "" : latexText(one.label),
    latexText(one.run),
    scoreCell(
      one.auc,
      bestAuc,
      markOf(found?.aucInterval ?? null, found?.aucPHolm ?? null, "higher"),
    ),
    scoreCell(
      one.logloss,
      bestLoss,
      markOf(found?.loglossInterval ?? null, found?.loglossPHolm ?? null, "lower"),
    ),
    ...(comparison.differences.length === 0
      ? []
      : [differenceCell(found?.aucDifference ?? null, found?.aucInterval ?? null)]),
  ];
}
