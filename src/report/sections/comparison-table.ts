import { dataTable } from "../../page/page-parts.ts";
import type { Html } from "../../page/html.ts";
import type { Comparison } from "../run-results.ts";
import { backboneName } from "../wording/display-names.ts";
import { formatLiftAndInterval, formatP, formatRelative } from "../wording/format-score.ts";

/**
 * Comparisons one by one, in both metrics.
 *
 * @param baseline - What to call the column of the baselines
 */
export function comparisonTable(
  comparisons: readonly Comparison[],
  baseline: string,
  caption: string,
): Html {
  const hasP = comparisons.some(({ aucP }) => aucP !== null);
  return dataTable(
    comparisons,
    [
      { head: "Backbone", cell: (one) => backboneName(one.backbone) },
      { head: "Variant", cell: (one) => one.variant },
      { head: baseline, cell: (one) => one.baseline },
      {
        head: "AUC lift [95 % interval]",
        isNumber: true,
        cell: (one) => formatLiftAndInterval(one.aucLift, one.aucLiftInterval),
      },
      { head: "Relative", isNumber: true, cell: (one) => formatRelative(one.aucRelative) },
      ...pColumns(hasP, (one) => [one.aucP, one.aucPHolm]),
      {
        head: "LogLoss change [95 % interval]",
        isNumber: true,
        cell: (one) => formatLiftAndInterval(one.loglossChange, one.loglossChangeInterval),
      },
      { head: "Relative", isNumber: true, cell: (one) => formatRelative(one.loglossRelative) },
      ...pColumns(hasP, (one) => [one.loglossP, one.loglossPHolm]),
    ],
    caption,
    { isDense: true },
  );
}

function pColumns(
  hasP: boolean,
  valuesOf: (comparison: Comparison) => readonly [Comparison["aucP"], Comparison["aucPHolm"]],
) {
  if (!hasP) return [];
  const heads = ["p alone", "p, Holm"] as const;
  return heads.map((head, place) => ({
    head,
    isNumber: true,
    cell: (one: Comparison): string => formatP(valuesOf(one)[place] ?? null),
  }));
}
