import { figure, timeLabels } from "../../page/figure.ts";
import { formatDay, formatShare } from "../../page/format-number.ts";
import type { Html } from "../../page/html.ts";

interface LabelRate {
  /** First moment of the span, and the first after it. */
  readonly from: Date;
  readonly to: Date;
  /** From 0 to 1. */
  readonly rate: number;
}

/** A line: the share of interactions that were liked over time, with the mean of all beside it. */
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
      { label: `of all: ${formatShare(mean)}`, colour: "var(--ink-2)", isDashed: true },
    ],
    spec: {
      data: [
        { name: "points", values: points },
        { name: "mean", values: [{ mean }] },
      ],
      scales: [
        {
          name: "x",
          type: "utc",
          range: "width",
          domain: {
            fields: [
              { data: "points", field: "from" },
              { data: "points", field: "to" },
            ],
          },
        },
        {
          name: "y",
          type: "linear",
          range: "height",
          nice: true,
          zero: false,
          domain: {
            fields: [
              { data: "points", field: "rate" },
              { data: "mean", field: "mean" },
            ],
          },
        },
      ],
      axes: [
        {
          orient: "bottom",
          scale: "x",
          tickCount: 6,
          title: "Time of the event, UTC",
          format: timeLabels,
        },
        {
          orient: "left",
          scale: "y",
          grid: true,
          tickCount: 5,
          title: "Share of label 1",
          format: "%",
        },
      ],
      marks: [
        {
          type: "rule",
          from: { data: "mean" },
          encode: {
            enter: {
              x: { value: 0 },
              x2: { signal: "width" },
              y: { scale: "y", field: "mean" },
              stroke: { value: "var(--ink-2)" },
              strokeDash: { value: [4, 3] },
            },
          },
        },
        {
          type: "line",
          from: { data: "points" },
          encode: {
            enter: {
              x: { scale: "x", field: "at" },
              y: { scale: "y", field: "rate" },
              stroke: { value: "var(--r4ec)" },
              strokeWidth: { value: 2 },
            },
          },
        },
        {
          type: "symbol",
          from: { data: "points" },
          encode: {
            enter: {
              x: { scale: "x", field: "at" },
              y: { scale: "y", field: "rate" },
              size: { value: 16 },
              fill: { value: "var(--r4ec)" },
            },
          },
        },
      ],
    },
  });
}
