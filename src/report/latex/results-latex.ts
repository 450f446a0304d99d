import { groupBy } from "../../base/group-by.ts";
import { backboneName } from "../wording/display-names.ts";
import { againstBase } from "../wording/group-comparisons.ts";
import { labelledResults } from "../wording/labelled-results.ts";
import { selectionMark, simulationSentence } from "../wording/sentences.ts";
import type { RunResults } from "../run-results.ts";
import { latexTable, latexText } from "./latex-table.ts";
import { bestScore, differenceCell, markOf, marksSentence, scoreCell } from "./latex-scores.ts";

/** The results of a run as a table for a paper: one group per backbone, each variant against Base. */
export function resultsLatex(run: RunResults): string {
  const results = labelledResults(run);
  const comparisons = againstBase(results.comparisons);
  const groups = groupBy(results.summaries, ({ backbone }) => [backbone]).map((summaries) => {
    const bestAuc = bestScore(
      summaries.map(({ auc }) => auc),
      "higher",
    );
    const bestLoss = bestScore(
      summaries.map(({ logloss }) => logloss),
      "lower",
    );
    return summaries.map(({ backbone, variant, auc, logloss }, place) => {
      const lift = comparisons.find((one) => one.backbone === backbone && one.variant === variant);
      return [
        place === 0 ? latexText(backboneName(backbone)) : "",
        latexText(variant),
        scoreCell(
          auc,
          bestAuc,
          markOf(lift?.aucLiftInterval ?? null, lift?.aucPHolm ?? null, "higher"),
        ),
        scoreCell(
          logloss,
          bestLoss,
          markOf(lift?.loglossChangeInterval ?? null, lift?.loglossPHolm ?? null, "lower"),
        ),
        differenceCell(lift?.aucLift ?? null, lift?.aucLiftInterval ?? null),
      ];
    });
  });
  const tested = comparisons.filter(({ aucLiftInterval }) => aucLiftInterval !== null);
  const caption = [
    `${latexText(results.name)}: ${latexText(results.dataset.label)}, protocol ${latexText(results.protocol)}.`,
    spreadSentence(results.seeds),
    "The best score per backbone is bold.",
    marksSentence(
      "Base",
      tested.map(({ resamples }) => resamples),
      tested.every(({ aucPHolm }) => aucPHolm !== null)
        ? "all pairs of variants on a backbone, in each metric"
        : null,
    ),
    ...[selectionMark(results), simulationSentence(results)].map((text) =>
      text === null ? null : `${latexText(capitalised(text)).replace(/\.$/, "")}.`,
    ),
  ];
  return latexTable({
    caption: caption.filter((sentence) => sentence !== null).join(" "),
    label: `r4ec-${results.name}`,
    source: `Results of the run ${results.name}, written by r4ec`,
    columns: [
      { head: "Backbone", align: "l" },
      { head: "Model", align: "l" },
      { head: "AUC", align: "r" },
      { head: "LogLoss", align: "r" },
      { head: "$\\Delta$AUC over Base [95\\,\\%]", align: "r" },
    ],
    groups,
  });
}

/** How the seeds enter a table. */
function spreadSentence(seeds: readonly number[]): string {
  return seeds.length < 2
    ? "One seed."
    : `Means over ${seeds.length} seeds, $\\pm$ one standard deviation.`;
}

function capitalised(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
