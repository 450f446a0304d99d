import { variantColours } from "./variant-colours.ts";
import { bandScale, mark, x, y } from "../../page/chart-parts.ts";
import { figure } from "../../page/figure.ts";
import { formatLiftAndInterval } from "../wording/format-score.ts";
import type { Html } from "../../page/html.ts";
import { liftAxis, liftScale, zeroLine } from "./lift-axis.ts";
import type { Comparison, RunResults } from "../run-results.ts";
import { intervalSentence } from "../wording/sentences.ts";

/** One line for the name and the lift, one for dot and whisker. */
const rowHeight = 54;

/** Of a row's name, in CSS pixels: what a lift with its interval leaves on the same line. */
const widestName = 190;

interface IntervalFigureOptions {
  readonly title: string;
  readonly axisTitle: string;
  readonly comparisons: readonly Comparison[];
  /** The unique name of a comparison in the figure. */
  readonly rowName: (comparison: Comparison) => string;
  /** Says what it means to lie right of the zero line. */
  readonly rightOfLine: string;
}

/** Dot and whisker: the lift in AUC of each comparison with its interval, and one tick per seed. */
export function intervalFigure(
  { models }: Pick<RunResults, "models">,
  { title, axisTitle, comparisons, rowName, rightOfLine }: IntervalFigureOptions,
): Promise<Html> {
  const colourOf = variantColours(models.map(({ variant }) => variant));
  const rows = comparisons.map((comparison) => {
    const { aucLift: lift, aucLiftInterval, variant } = comparison;
    const [low, high] = aucLiftInterval ?? [lift, lift];
    return {
      ...{ row: rowName(comparison), lift, low, high },
      text: formatLiftAndInterval(lift, aucLiftInterval),
      colour: colourOf(variant),
    };
  });
  const seeds = comparisons.flatMap((comparison) =>
    seedLifts(models, comparison).map((lift) => ({ row: rowName(comparison), lift })),
  );
  const interval = intervalSentence(comparisons);
  return figure({
    title,
    description: rows.map(({ row, text }) => `${row}: ${text}`).join("; "),
    note: [
      "Dot: mean over seeds.",
      ...(interval === null ? [] : [`Whisker: ${interval}.`]),
      ...(seeds.length === 0 ? [] : ["Ticks: individual seeds."]),
      rightOfLine,
    ].join(" "),
    height: 64 + rowHeight * rows.length,
    spec: {
      data: [
        { name: "rows", values: [...rows] },
        { name: "seeds", values: [...seeds] },
      ],
      scales: [
        liftScale({
          fields: [
            { data: "rows", field: "low" },
            { data: "rows", field: "high" },
            { data: "seeds", field: "lift" },
          ],
        }),
        bandScale("y", { data: "rows", field: "row" }),
      ],
      axes: [liftAxis(axisTitle, "+.4f")],
      marks: [
        zeroLine,
        mark("rule", "seeds", {
          x: x("lift"),
          y: y("row", 0.76),
          y2: y("row", 0.88),
          stroke: { value: "var(--ink-2)" },
          strokeWidth: { value: 1.5 },
        }),
        mark("rule", "rows", {
          x: x("low"),
          x2: x("high"),
          y: y("row", 0.6),
          stroke: { field: "colour" },
          strokeWidth: { value: 3 },
        }),
        mark("symbol", "rows", {
          x: x("lift"),
          y: y("row", 0.6),
          fill: { field: "colour" },
          size: { value: 110 },
        }),
        caption("row", { signal: "6" }, "left", widestName),
        caption("text", { signal: "width - 2" }, "right", 0),
      ],
    },
  });
}

/**
 * A field's text above the row's whisker, at the left or right edge.
 *
 * @param limit - Its widest, in CSS pixels; 0 for no limit
 */
function caption(
  field: string,
  place: { readonly signal: string },
  align: "left" | "right",
  limit: number,
) {
  return mark("text", "rows", {
    x: place,
    y: y("row", 0.28),
    text: { field },
    align: { value: align },
    limit: { value: limit },
    baseline: { value: "middle" },
    fill: { value: "var(--ink)" },
    stroke: { value: "var(--card)" },
    strokeWidth: { value: 5 },
    fontSize: { value: 13 },
  });
}

/** The lift of each seed that both sides were trained with. */
function seedLifts(
  models: RunResults["models"],
  { backbone, variant, baseline }: Comparison,
): readonly number[] {
  const selected = models.filter((model) => model.isSelected && model.backbone === backbone);
  return selected
    .filter((model) => model.variant === variant)
    .flatMap((model) => {
      const before = selected.find((one) => one.variant === baseline && one.seed === model.seed);
      return before === undefined ? [] : [model.auc - before.auc];
    });
}
