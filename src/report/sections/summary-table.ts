import { backboneName } from "../wording/display-names.ts";
import {
  formatLiftAndInterval,
  formatMeanAndSpread,
  formatRelative,
  formatScore,
} from "../wording/format-score.ts";
import { againstBase } from "../wording/group-comparisons.ts";
import { html, type Html, type HtmlValue } from "../../page/html.ts";
import { dataTable } from "../../page/page-parts.ts";
import type { Comparison, MeanAndSpread, ModelSummary, RunResults } from "../run-results.ts";
import { differenceMark } from "./difference-mark.ts";
import { correctionSentence, selectionMark } from "../wording/sentences.ts";

interface SummaryRow {
  readonly summary: ModelSummary;
  /** Against Base; undefined for Base itself. */
  readonly comparison: Comparison | undefined;
  /** Whether it is the first of its backbone. */
  readonly isFirst: boolean;
}

/** All variants side by side on each backbone: Base, then controls, then knowledge. */
export function summaryTable(results: RunResults): Html {
  const { summaries } = results;
  const comparisons = againstBase(results.comparisons);
  const isCorrected = correctionSentence(results.comparisons) !== null;
  const rows = summaries.map((summary, place): SummaryRow => ({
    summary,
    comparison: comparisons.find(
      (one) => one.backbone === summary.backbone && one.variant === summary.variant,
    ),
    isFirst: summaries[place - 1]?.backbone !== summary.backbone,
  }));
  return dataTable(
    rows,
    [
      {
        head: "Backbone",
        cell: ({ summary, isFirst }) => (isFirst ? backboneName(summary.backbone) : null),
      },
      { head: "Variant", cell: ({ summary }) => variantName(summary) },
      { head: "AUC", isNumber: true, cell: ({ summary }) => formatMeanAndSpread(summary.auc) },
      {
        head: "vs Base",
        isNumber: true,
        cell: compared((one) => formatRelative(one.aucRelative)),
      },
      {
        head: "LogLoss, nats",
        isNumber: true,
        cell: ({ summary }) => formatMeanAndSpread(summary.logloss),
      },
      {
        head: "vs Base",
        isNumber: true,
        cell: compared((one) => formatRelative(one.loglossRelative)),
      },
      { head: "GAUC", isNumber: true, cell: ({ summary }) => meanText(summary.gauc) },
      { head: "ECE", isNumber: true, cell: ({ summary }) => meanText(summary.ece) },
      {
        head: "AUC lift [95 % interval]",
        isNumber: true,
        cell: compared((one) => (isCorrected ? differenceCell(one) : liftText(one))),
      },
    ],
    `${captionOf(results)}${isCorrected ? " Shaded: better or worse, corrected for all pairs of variants." : ""}`,
    { isFirst: ({ isFirst }) => isFirst, isDense: true },
  );
}

/** A cell about the comparison with Base; empty for Base itself. */
function compared(text: (comparison: Comparison) => HtmlValue) {
  return ({ comparison }: SummaryRow): HtmlValue =>
    comparison === undefined ? null : text(comparison);
}

function differenceCell(comparison: Comparison): Html {
  return differenceMark(comparison, liftText(comparison));
}

function liftText({ aucLift, aucLiftInterval }: Comparison): string {
  return formatLiftAndInterval(aucLift, aucLiftInterval);
}

function captionOf(results: RunResults): string {
  const mark = selectionMark(results);
  return (
    `Test results${mark === null ? "" : `, ${mark}`}: mean ± one standard deviation over seeds; relative change and lift against Base. ` +
    "AUC and GAUC (AUC within each user): higher is better. LogLoss and ECE (calibration error): lower is better."
  );
}

function variantName({ variant, role }: ModelSummary): Html {
  return html`<span class="variant"
    >${variant} ${role === "control" ? html`<span class="role">control</span>` : null}</span
  >`;
}

function meanText(figure: MeanAndSpread | null): string | null {
  return figure === null ? null : formatScore(figure.mean);
}
