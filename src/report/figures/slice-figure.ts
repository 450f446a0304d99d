import { variantColours } from "./variant-colours.ts";
import { bucketName, displayName } from "../wording/display-names.ts";
import { bandScale, extentOf, mark, rowAxis, x, y } from "../../page/chart-parts.ts";
import { figure } from "../../page/figure.ts";
import { formatLift } from "../wording/format-score.ts";
import type { Html } from "../../page/html.ts";
import { liftAxis, liftScale, zeroLine } from "./lift-axis.ts";
import type { SliceResult } from "../run-results.ts";

const rowHeight = 34;

/** One dot per bucket and variant: the lift in AUC over Base on the test rows of that bucket. */
export function sliceFigure(backbone: string, slices: readonly SliceResult[]): Promise<Html> {
  const variants = [...new Set(slices.map(({ variant }) => variant))];
  const colourOf = variantColours(variants);
  const points = slices.map((one) => ({
    row: bucketName(one),
    lift: one.aucLift ?? 0,
    colour: colourOf(one.variant),
  }));
  const rows = [...new Set(points.map(({ row }) => row))];
  return figure({
    title: `${displayName(backbone)}: lift in AUC over Base by bucket`,
    description: slices
      .map(
        (one) => `${displayName(one.variant)}, ${bucketName(one)}: ${formatLift(one.aucLift ?? 0)}`,
      )
      .join("; "),
    key: variants.map((variant) => ({ label: displayName(variant), colour: colourOf(variant) })),
    note: "Means over seeds, without intervals: lifts in buckets with few rows vary widely.",
    height: 64 + rowHeight * rows.length,
    spec: {
      data: [{ name: "points", values: points }],
      scales: [liftScale(extentOf("points", "lift")), bandScale("y", rows)],
      axes: [
        liftAxis("AUC minus AUC of Base", "+.3f"),
        { ...rowAxis, domain: false, labelColor: "var(--ink)" },
      ],
      marks: [
        zeroLine,
        mark("rule", "points", {
          x: { scale: "x", value: 0 },
          x2: x("lift"),
          y: y("row", 0.5),
          stroke: { field: "colour" },
          strokeWidth: { value: 2 },
          strokeOpacity: { value: 0.5 },
        }),
        mark("symbol", "points", {
          x: x("lift"),
          y: y("row", 0.5),
          fill: { field: "colour" },
          size: { value: 90 },
        }),
      ],
    },
  });
}
