import { displayName } from "./display-names.ts";
import { figure } from "./figure.ts";
import { formatLift } from "./format-number.ts";
import type { Html } from "./html.ts";
import type { Comparison, RunResults } from "./run-results.ts";
import { intervalSentence } from "./wording.ts";

const rowHeight = 56;

/** Dot and whisker: the lift in AUC of each variant over Base, and a tick for each seed. */
export function liftFigure(results: RunResults): Promise<Html> {
  const { comparisons } = results;
  const rows = comparisons.map((comparison) => ({
    row: rowName(comparison),
    lift: comparison.aucLift,
    low: comparison.aucLiftInterval[0],
    high: comparison.aucLiftInterval[1],
    text: formatLift(comparison.aucLift),
  }));
  const seeds = comparisons.flatMap((comparison) => seedLifts(results, comparison));
  return figure({
    title: "Lift in AUC over Base on the same test rows",
    description: rows
      .map(
        ({ row, text, low, high }) =>
          `${row}: ${text}, from ${formatLift(low)} to ${formatLift(high)}`,
      )
      .join("; "),
    note: `Dot: mean over seeds. Whisker: ${intervalSentence(comparisons) ?? ""}. Ticks: the seeds one by one. Right of the line is better than Base.`,
    height: 64 + rowHeight * rows.length,
    spec: {
      data: [
        { name: "rows", values: rows },
        { name: "seeds", values: seeds },
      ],
      scales: [
        {
          name: "x",
          type: "linear",
          range: "width",
          nice: true,
          zero: true,
          domain: {
            fields: [
              { data: "rows", field: "low" },
              { data: "rows", field: "high" },
              { data: "seeds", field: "lift" },
            ],
          },
        },
        {
          name: "y",
          type: "band",
          range: "height",
          domain: { data: "rows", field: "row" },
        },
      ],
      axes: [
        {
          orient: "bottom",
          scale: "x",
          tickCount: 5,
          grid: true,
          title: "AUC minus AUC of Base",
          format: "+.4f",
        },
        {
          orient: "left",
          scale: "y",
          domain: false,
          ticks: false,
          labelColor: "var(--ink)",
          labelPadding: 8,
        },
      ],
      marks: [
        {
          type: "rule",
          encode: {
            enter: {
              x: { scale: "x", value: 0 },
              y: { value: 0 },
              y2: { signal: "height" },
              stroke: { value: "var(--ink)" },
              strokeWidth: { value: 1.5 },
            },
          },
        },
        {
          type: "rule",
          from: { data: "seeds" },
          encode: {
            enter: {
              x: { scale: "x", field: "lift" },
              y: { scale: "y", field: "row", band: 0.7 },
              y2: { scale: "y", field: "row", band: 0.84 },
              stroke: { value: "var(--ink-2)" },
              strokeWidth: { value: 1.5 },
            },
          },
        },
        {
          type: "rule",
          from: { data: "rows" },
          encode: {
            enter: {
              x: { scale: "x", field: "low" },
              x2: { scale: "x", field: "high" },
              y: { scale: "y", field: "row", band: 0.5 },
              stroke: { value: "var(--r4ec)" },
              strokeWidth: { value: 3 },
            },
          },
        },
        {
          type: "symbol",
          from: { data: "rows" },
          encode: {
            enter: {
              x: { scale: "x", field: "lift" },
              y: { scale: "y", field: "row", band: 0.5 },
              fill: { value: "var(--r4ec)" },
              size: { value: 110 },
            },
          },
        },
        {
          type: "text",
          from: { data: "rows" },
          encode: {
            enter: {
              x: { scale: "x", field: "lift" },
              y: { scale: "y", field: "row", band: 0.5, offset: -11 },
              text: { field: "text" },
              align: { value: "center" },
              fill: { value: "var(--ink)" },
              stroke: { value: "var(--card)" },
              strokeWidth: { value: 5 },
              fontSize: { value: 13 },
            },
          },
        },
      ],
    },
  });

  function rowName({ backbone, variant }: Comparison): string {
    const isOnlyVariant = comparisons.every((one) => one.variant === variant);
    return isOnlyVariant
      ? displayName(backbone)
      : `${displayName(backbone)}, ${displayName(variant)}`;
  }

  function seedLifts(
    { models }: RunResults,
    comparison: Comparison,
  ): readonly { readonly row: string; readonly lift: number }[] {
    const ofBackbone = models.filter((model) => model.backbone === comparison.backbone);
    return ofBackbone
      .filter((model) => model.variant === comparison.variant)
      .flatMap((model) => {
        const base = ofBackbone.find((one) => one.variant === "base" && one.seed === model.seed);
        return base === undefined ? [] : [{ row: rowName(comparison), lift: model.auc - base.auc }];
      });
  }
}
