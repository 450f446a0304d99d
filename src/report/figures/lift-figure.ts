import { backboneName } from "../wording/display-names.ts";
import { headlineComparisons } from "../wording/group-comparisons.ts";
import type { Html } from "../../page/html.ts";
import { intervalFigure } from "./interval-figure.ts";
import type { Comparison, RunResults } from "../run-results.ts";

/** The lift in AUC of the headline variants over Base, on every backbone. */
export function liftFigure(results: RunResults): Promise<Html> {
  const comparisons = headlineComparisons(results.comparisons)
    .flatMap((group) => group.comparisons)
    .toSorted((a, b) => (a.backbone < b.backbone ? -1 : a.backbone > b.backbone ? 1 : 0));
  const isOnlyVariant = new Set(comparisons.map(({ variant }) => variant)).size === 1;
  return intervalFigure(results, {
    title: "Lift in AUC over Base on the same test rows",
    axisTitle: "AUC minus AUC of Base",
    comparisons,
    rowName: ({ backbone, variant }: Comparison) =>
      isOnlyVariant ? backboneName(backbone) : `${backboneName(backbone)}, ${variant}`,
    rightOfLine: "Right of the line, the variant is better than Base.",
  });
}
