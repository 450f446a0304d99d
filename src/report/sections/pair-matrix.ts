import { dataTable } from "../../page/page-parts.ts";
import type { Html } from "../../page/html.ts";
import type { Comparison } from "../run-results.ts";
import { backboneName } from "../wording/display-names.ts";
import { formatLift } from "../wording/format-score.ts";
import { differenceMark } from "./difference-mark.ts";

/**
 * All pairs on one backbone at a glance: the AUC of the row's variant minus that of the column's.
 *
 * @param variants - In the order in which rows and columns come
 */
export function pairMatrix(
  backbone: string,
  comparisons: readonly Comparison[],
  variants: readonly string[],
): Html {
  const own = comparisons.filter((one) => one.backbone === backbone);
  const find = (variant: string, baseline: string): Comparison | undefined =>
    own.find((one) => one.variant === variant && one.baseline === baseline);
  return dataTable(
    variants.slice(1),
    [
      { head: backboneName(backbone), cell: (variant) => variant },
      ...variants.slice(0, -1).map((baseline) => ({
        head: baseline,
        isNumber: true,
        cell: (variant: string): Html | null => {
          const comparison = find(variant, baseline);
          return comparison === undefined
            ? null
            : differenceMark(comparison, formatLift(comparison.aucLift));
        },
      })),
    ],
    `${backboneName(backbone)}: AUC of the row’s variant minus AUC of the column’s. Shaded: better or worse, corrected for all pairs of the table.`,
    { isDense: true },
  );
}
