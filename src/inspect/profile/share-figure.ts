import {
  bandScale,
  linearScale,
  mark,
  rowAxis,
  stack,
  wholeBand,
  x,
  y,
} from "../../page/chart-parts.ts";
import { figure } from "../../page/figure.ts";
import { formatShare } from "../../page/format-number.ts";
import type { Html } from "../../page/html.ts";

/** One part of a bar. */
interface Share {
  /** The bar it is part of. */
  readonly bar: string;
  readonly part: string;
  /** From 0 to 1. */
  readonly share: number;
}

interface ShareFigureOptions {
  readonly title: string;
  readonly shares: readonly Share[];
  /** The parts from left to right, with their colours. Parts that do not occur are left out of the key. */
  readonly parts: Readonly<Record<string, string>>;
  readonly note?: string | null;
}

/** Height per bar, and of the axis, in CSS pixels. */
const [barHeight, axisHeight] = [44, 44];

/** Bars of equal length, each divided into parts. */
export function shareFigure({
  title,
  shares,
  parts,
  note = null,
}: ShareFigureOptions): Promise<Html> {
  const names = Object.keys(parts);
  const bars = [...new Set(shares.map(({ bar }) => bar))];
  const cells = shares
    .map(({ bar, part, share }) => ({
      ...{ bar, share },
      place: names.indexOf(part),
      colour: parts[part] ?? "var(--dropped)",
      text: share >= 0.13 ? formatShare(share) : "", // narrower parts have no room for it
    }))
    .filter(({ share }) => share > 0);
  const present = names.filter((name) =>
    shares.some(({ part, share }) => part === name && share > 0),
  );
  return figure({
    title,
    description: shares
      .map(({ bar, part, share }) => `${bar}, ${part}: ${formatShare(share)}`)
      .join("; "),
    key: present.map((label) => ({ label, colour: parts[label] ?? "var(--dropped)" })),
    height: bars.length * barHeight + axisHeight,
    note,
    spec: {
      data: [{ name: "cells", values: cells, transform: [stack("share", ["bar"])] }],
      scales: [linearScale("x", [0, 1]), bandScale("y", bars, 0.25)],
      axes: [{ orient: "bottom", scale: "x", tickCount: 5, format: "%" }, rowAxis],
      marks: [
        mark("rect", "cells", {
          x: x("y0"),
          x2: x("y1"),
          y: y("bar"),
          height: wholeBand("y"),
          fill: { field: "colour" },
        }),
        mark("text", "cells", {
          x: { signal: "scale('x', (datum.y0 + datum.y1) / 2)" },
          y: y("bar", 0.5),
          text: { field: "text" },
          align: { value: "center" },
          baseline: { value: "middle" },
          fontSize: { value: 12 },
          fill: { value: "var(--ink)" },
          stroke: { value: "var(--card)" },
          strokeWidth: { value: 3 },
        }),
      ],
    },
  });
}
