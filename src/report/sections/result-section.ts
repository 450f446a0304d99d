import { backboneName } from "../wording/display-names.ts";
import { formatLift, formatRelative } from "../wording/format-score.ts";
import { againstBase, headlineComparisons } from "../wording/group-comparisons.ts";
import { html, type Html } from "../../page/html.ts";
import { liftFigure } from "../figures/lift-figure.ts";
import { factList, pendingNote, section } from "../../page/page-parts.ts";
import type { Comparison, RunResults } from "../run-results.ts";
import { variantSentences } from "../wording/variant-sentences.ts";
import { summaryTable } from "./summary-table.ts";
import {
  correctionSentence,
  coverageSentence,
  headlineSentence,
  intervalSentence,
  selectionMark,
  selectionSentence,
  splitSentence,
  verdictOf,
} from "../wording/sentences.ts";

/** The result: a sentence, the lifts, the table, and how the scores were obtained. */
export async function resultSection(results: RunResults): Promise<Html> {
  if (results.summaries.length === 0) {
    return section(
      "result",
      "Result",
      pendingNote("train", "AUC and LogLoss of the trained models"),
    );
  }
  const isCompared = againstBase(results.comparisons).length > 0;
  return section("result", "Result", [
    headlines(results),
    html`<div class="pair">
      ${isCompared ? await liftFigure(results) : null} ${conditions(results)}
    </div>`,
    summaryTable(results),
  ]);
}

/** One sentence per headline variant. If there is only one, also its lift on each backbone. */
function headlines(results: RunResults): Html | readonly Html[] {
  const groups = headlineComparisons(results.comparisons);
  if (groups.length === 0) {
    return new Set(results.summaries.map((summary) => summary.variant)).size > 1
      ? pendingNote("train", "The comparison with Base")
      : html`<p class="lead">Only one variant was trained: there is nothing to compare.</p>`;
  }
  const mark = selectionMark(results);
  return groups.map(
    ({ variant, comparisons }) =>
      html`<p class="lead">
          ${headlineSentence(variant, comparisons)}
          ${mark === null ? null : html`<span class="tag">${mark}</span>`}
        </p>
        ${
          groups.length > 1
            ? null
            : html`<ul class="lifts">
                ${comparisons.map(liftItem)}
              </ul>`
        }`,
  );
}

function liftItem(comparison: Comparison): Html {
  const { aucLiftInterval: interval } = comparison;
  const range =
    interval === null
      ? ""
      : `95 % interval ${formatLift(interval[0])} to ${formatLift(interval[1])} · `;
  return html`<li class="${verdictOf(comparison)}">
    <span class="name">${backboneName(comparison.backbone)}</span>
    <strong>${formatLift(comparison.aucLift)}</strong> AUC
    <span class="interval">${range}${formatRelative(comparison.aucRelative)} relative</span>
  </li> `;
}

function conditions(results: RunResults): Html {
  const test = results.splits.find((split) => split.split === "test");
  return factList([
    ["Viewers", results.dataset.simulation ?? null],
    ["Scored on", test === undefined ? null : splitSentence(test)],
    ["Seeds", results.seeds.join(", ")],
    ["Epoch", selectionSentence(results)],
    ["Interval", intervalSentence(results.comparisons)],
    ["p-values", correctionSentence(results.comparisons)],
    ["Coverage", coverageSentence(results)],
    ...variantSentences(results).map(({ variant, text }): [string, string] => [variant, text]),
  ]);
}
