import { section } from "../../page/page-parts.ts";
import { html, type Html } from "../../page/html.ts";
import { intervalFigure } from "../figures/interval-figure.ts";
import type { Comparison, RunResults } from "../run-results.ts";
import { backboneName } from "../wording/display-names.ts";
import { betweenKnowledge, comparedVariants } from "../wording/group-comparisons.ts";
import { correctionSentence, knowledgeSentence, selectionMark } from "../wording/sentences.ts";
import { comparisonTable } from "./comparison-table.ts";
import { pairMatrix } from "./pair-matrix.ts";

/** A figure shows all pairs of knowledge variants up to this number, of more only each variant and the one listed before it. */
const mostPairs = 6;
const mostHeadlines = 3;

/** Every variant against every other one; null where there is a single pair, and in runs of earlier versions. */
export async function pairsSection(results: RunResults): Promise<Html | null> {
  const correction = correctionSentence(results.comparisons);
  if (correction === null) return null;
  const groups = betweenKnowledge(results.comparisons);
  const between = groups.flatMap((group) => group.comparisons);
  const variants = comparedVariants(results.comparisons);
  const backbones = [...new Set(results.comparisons.map(({ backbone }) => backbone))].sort();
  const mark = selectionMark(results);
  const figures = backbones.flatMap((backbone) => {
    const pairs = between.filter((one) => one.backbone === backbone);
    return pairs.length === 0 ? [] : [pairsFigure(results, backbone, chosenPairs(pairs, variants))];
  });
  return section("pairs", "Variants against each other", [
    sentences(groups.map((group) => knowledgeSentence(group.variant, group.comparisons))),
    html`<p>
      All variants are scored on the same test rows, seeds and resamples, so any two can be
      compared. p-values are ${correction}.
      ${mark === null ? null : html`<span class="tag">${mark}</span>`}
    </p>`,
    html`<div class="figures">${await Promise.all(figures)}</div>`,
    backbones.map((backbone) => pairMatrix(backbone, results.comparisons, variants)),
    html`<details>
      <summary>Every pair, with intervals</summary>
      ${comparisonTable(
        listed(results.comparisons, variants),
        "Compared with",
        "All pairs on the same test rows, seeds and resamples",
      )}
    </details>`,
  ]);
}

/** As headlines, or as a list if there are many. */
function sentences(texts: readonly string[]): Html | readonly Html[] {
  return texts.length > mostHeadlines
    ? html`<ul>
        ${texts.map((text) => html`<li>${text}</li>`)}
      </ul>`
    : texts.map((text) => html`<p class="lead">${text}</p>`);
}

function pairsFigure(
  results: RunResults,
  backbone: string,
  comparisons: readonly Comparison[],
): Promise<Html> {
  return intervalFigure(results, {
    title: `${backboneName(backbone)}: difference in AUC between knowledge variants`,
    axisTitle: "AUC of the first minus AUC of the second",
    comparisons,
    rowName: ({ variant, baseline }) => `${variant} − ${baseline}`,
    rightOfLine: "Right of the line, the first is better than the second.",
  });
}

function chosenPairs(
  pairs: readonly Comparison[],
  variants: readonly string[],
): readonly Comparison[] {
  if (pairs.length <= mostPairs) return pairs;
  const isNext = ({ variant, baseline }: Comparison): boolean =>
    variants.indexOf(variant) - variants.indexOf(baseline) === 1;
  return pairs.filter(isNext);
}

/** By backbone, then pairs of knowledge variants first, then in the order of the variants. */
function listed(
  comparisons: readonly Comparison[],
  variants: readonly string[],
): readonly Comparison[] {
  const isOther = ({ baselineRole }: Comparison): number => (baselineRole === "knowledge" ? 0 : 1);
  return comparisons.toSorted(
    (a, b) =>
      (a.backbone < b.backbone ? -1 : a.backbone > b.backbone ? 1 : 0) ||
      isOther(a) - isOther(b) ||
      variants.indexOf(a.variant) - variants.indexOf(b.variant) ||
      variants.indexOf(a.baseline) - variants.indexOf(b.baseline),
  );
}
