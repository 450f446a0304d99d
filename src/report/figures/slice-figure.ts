import { variantColours } from "./variant-colours.ts";
import { bucketName, backboneName } from "../wording/display-names.ts";
import { bandScale, extentOf, mark, rowAxis, x, y } from "../../page/chart-parts.ts";
import { figure } from "../../page/figure.ts";
import { formatLiftAndInterval } from "../wording/format-score.ts";
import type { Html } from "../../page/html.ts";
import { liftAxis, liftScale, zeroLine } from "./lift-axis.ts";
import type { RunResults, SliceResult } from "../run-results.ts";

/** Of a row with one variant; each further one has a line of its own within the row. */
const rowHeight = 34;
const lineHeight = 12;

/**
 * Dot and whisker per bucket and variant: the lift in AUC over Base on the test rows of that bucket, with its interval.
 *
 * @param interval - How intervals were computed; null without intervals
 */
export function sliceFigure(
  { models }: Pick<RunResults, "models">,
  backbone: string,
  slices: readonly SliceResult[],
  interval: string | null,
): Promise<Html> {
  const variants = [...new Set(slices.map(({ variant }) => variant))];
  const colourOf = variantColours(models.map(({ variant }) => variant));
  const points = slices.map((one) => {
    const lift = one.aucLift ?? 0;
    const [low, high] = one.aucLiftInterval ?? [lift, lift];
    return {
      ...{ row: bucketName(one), lift, low, high },
      colour: colourOf(one.variant),
      offset: (variants.indexOf(one.variant) - (variants.length - 1) / 2) * lineHeight,
    };
  });
  const rows = [...new Set(points.map(({ row }) => row))];
  return figure({
    title: `${backboneName(backbone)}: lift in AUC over Base by bucket`,
    description: slices
      .map(
        (one) =>
          `${one.variant}, ${bucketName(one)}: ${formatLiftAndInterval(one.aucLift ?? 0, one.aucLiftInterval)}`,
      )
      .join("; "),
    key: variants.map((variant) => ({ label: variant, colour: colourOf(variant) })),
    note:
      interval === null
        ? "Means over seeds, without intervals: lifts in buckets with few rows vary widely."
        : `Dot: mean over seeds. Whisker: ${interval}, each for itself; the table corrects for their number.`,
    height: 64 + (rowHeight + lineHeight * (variants.length - 1)) * rows.length,
    spec: {
      data: [{ name: "points", values: points }],
      scales: [liftScale(extentOf("points", "low", "high")), bandScale("y", rows)],
      axes: [
        liftAxis("AUC minus AUC of Base", "+.3f"),
        { ...rowAxis, domain: false, labelColor: "var(--ink)" },
      ],
      marks: [
        zeroLine,
        mark("rule", "points", {
          x: x("low"),
          x2: x("high"),
          y: lineOf,
          stroke: { field: "colour" },
          strokeWidth: { value: 2.5 },
        }),
        mark("symbol", "points", {
          x: x("lift"),
          y: lineOf,
          fill: { field: "colour" },
          size: { value: 70 },
        }),
      ],
    },
  });
}

/** The variant's line in the middle of the bucket's row. */
const lineOf = { ...y("row", 0.5), offset: { field: "offset" } };
