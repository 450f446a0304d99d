import {
  dashes,
  extentOf,
  linearScale,
  mark,
  measureAxis,
  timeAxis,
  timeScale,
  x,
  y,
} from "../../page/chart-parts.ts";
import { figure } from "../../page/figure.ts";
import { formatDay, formatShare } from "../../page/format-number.ts";
import type { Html } from "../../page/html.ts";

interface LabelRate {
  /** Start of the span, and its end (exclusive). */
  readonly from: Date;
  readonly to: Date;
  /** From 0 to 1. */
  readonly rate: number;
}

/** A line: the share of interactions with label 1 over time, and a dashed line for the overall share. */
export function labelRateFigure(rates: readonly LabelRate[], mean: number): Promise<Html> {
  const points = rates.map(({ from, to, rate }) => ({
    ...{ from: from.getTime(), to: to.getTime(), rate },
    at: (from.getTime() + to.getTime()) / 2,
  }));
  return figure({
    title: "Label rate over time",
    description: rates
      .map(({ from, rate }) => `${formatDay(from.toISOString())}: ${formatShare(rate)}`)
      .join("; "),
    key: [
      { label: "share of label 1", colour: "var(--r4ec)" },
      { label: `overall: ${formatShare(mean)}`, colour: "var(--ink-2)", isDashed: true },
    ],
    spec: {
      data: [
        { name: "points", values: points },
        { name: "mean", values: [{ mean }] },
      ],
      scales: [
        timeScale(extentOf("points", "from", "to")),
        linearScale(
          "y",
          {
            fields: [
              { data: "points", field: "rate" },
              { data: "mean", field: "mean" },
            ],
          },
          { zero: false, nice: true },
        ),
      ],
      axes: [timeAxis, measureAxis("Share of label 1", "%")],
      marks: [
        mark("rule", "mean", {
          x: { value: 0 },
          x2: { signal: "width" },
          y: y("mean"),
          stroke: { value: "var(--ink-2)" },
          strokeDash: dashes,
        }),
        mark("line", "points", {
          x: x("at"),
          y: y("rate"),
          stroke: { value: "var(--r4ec)" },
          strokeWidth: { value: 2 },
        }),
        mark("symbol", "points", {
          x: x("at"),
          y: y("rate"),
          size: { value: 16 },
          fill: { value: "var(--r4ec)" },
        }),
      ],
    },
  });
}
