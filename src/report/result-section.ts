import { displayName } from "./display-names.ts";
import { formatLift, formatMeanAndSpread, formatRelative, formatScore } from "./format-number.ts";
import { html, type Html } from "./html.ts";
import { liftFigure } from "./lift-figure.ts";
import { dataTable, factList, pendingNote, section } from "./page-parts.ts";
import type { Comparison, ModelSummary, RunResults } from "./run-results.ts";
import {
  coverageSentence,
  headlineSentence,
  intervalSentence,
  selectionSentence,
  splitSentence,
  verdictOf,
} from "./wording.ts";

/** What came out: the sentence, the lift, the table, and what one must know to read them. */
export async function resultSection(results: RunResults): Promise<Html> {
  if (results.summaries.length === 0) {
    return section(
      "result",
      "Result",
      pendingNote("train", "AUC and LogLoss of the trained models"),
    );
  }
  const { comparisons } = results;
  return section("result", "Result", [
    headlines(results),
    html`<div class="pair">
      ${comparisons.length === 0 ? null : await liftFigure(results)} ${conditions(results)}
    </div>`,
    summaryTable(results),
  ]);
}

function headlines({ comparisons, summaries }: RunResults): Html | readonly Html[] {
  if (comparisons.length === 0) {
    return new Set(summaries.map((summary) => summary.variant)).size > 1
      ? pendingNote("train", "The comparison with Base")
      : html`<p class="lead">Only one variant was trained: there is nothing to compare.</p>`;
  }
  const variants = [...new Set(comparisons.map((comparison) => comparison.variant))];
  return variants.map((variant) => {
    const own = comparisons.filter((comparison) => comparison.variant === variant);
    return html`<p class="lead">${headlineSentence(variant, own)}</p>
      <ul class="lifts">
        ${own.map(liftItem)}
      </ul>`;
  });
}

function liftItem(comparison: Comparison): Html {
  const [low, high] = comparison.aucLiftInterval;
  return html`<li class="${verdictOf(comparison)}">
    <span class="name">${displayName(comparison.backbone)}</span>
    <strong>${formatLift(comparison.aucLift)}</strong> AUC
    <span class="interval"
      >95 % interval ${formatLift(low)} to ${formatLift(high)} ·
      ${formatRelative(comparison.aucRelative)} relative</span
    >
  </li> `;
}

function conditions(results: RunResults): Html {
  const test = results.splits.find((split) => split.split === "test");
  return factList([
    ["Scored on", test === undefined ? null : splitSentence(test)],
    ["Seeds", results.seeds.join(", ")],
    ["Epoch", selectionSentence(results.selectedOn)],
    ["Interval", intervalSentence(results.comparisons)],
    ["Coverage", coverageSentence(results)],
  ]);
}

interface SummaryRow {
  readonly summary: ModelSummary;
  readonly comparison: Comparison | undefined;
}

function summaryTable(results: RunResults): Html {
  const rows = results.summaries.map((summary): SummaryRow => ({
    summary,
    comparison: results.comparisons.find(
      (one) => one.backbone === summary.backbone && one.variant === summary.variant,
    ),
  }));
  return dataTable(
    rows,
    [
      { head: "Backbone", cell: ({ summary }) => displayName(summary.backbone) },
      { head: "Variant", cell: ({ summary }) => displayName(summary.variant) },
      { head: "AUC", isNumber: true, cell: ({ summary }) => formatMeanAndSpread(summary.auc) },
      {
        head: "LogLoss, nats",
        isNumber: true,
        cell: ({ summary }) => formatMeanAndSpread(summary.logloss),
      },
      {
        head: "AUC vs Base",
        isNumber: true,
        cell: ({ comparison }) =>
          comparison === undefined ? null : formatRelative(comparison.aucRelative),
      },
      {
        head: "LogLoss vs Base",
        isNumber: true,
        cell: ({ comparison }) =>
          comparison === undefined ? null : formatRelative(comparison.loglossRelative),
      },
      {
        head: "AUC lift [95 % interval]",
        isNumber: true,
        cell: ({ comparison }) => (comparison === undefined ? null : liftText(comparison)),
      },
    ],
    `Test results: mean ± one standard deviation over seeds. AUC: higher is better; LogLoss: lower is better.`,
  );
}

function liftText({ aucLift, aucLiftInterval: [low, high] }: Comparison): string {
  return `${formatLift(aucLift)} [${formatLift(low)}, ${formatLift(high)}]`;
}

/** Every trained model, seed by seed. */
export function modelTable(results: RunResults): Html {
  return dataTable(
    results.models,
    [
      { head: "Backbone", cell: (model) => displayName(model.backbone) },
      { head: "Variant", cell: (model) => displayName(model.variant) },
      { head: "Seed", isNumber: true, cell: (model) => model.seed },
      { head: "AUC", isNumber: true, cell: (model) => formatScore(model.auc) },
      { head: "LogLoss", isNumber: true, cell: (model) => formatScore(model.logloss) },
      {
        head: "Scored epoch",
        isNumber: true,
        cell: (model) => `${model.bestEpoch} of ${model.epochs}`,
      },
      {
        head: "Parameters",
        isNumber: true,
        cell: (model) => model.parameters.toLocaleString("en-US"),
      },
    ],
    "Every trained model on the test split",
  );
}
