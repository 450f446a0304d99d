import {
  bandScale,
  columnAxis,
  extentOf,
  linearScale,
  mark,
  measureAxis,
  stack,
  wholeBand,
  x,
  y,
} from "./chart-parts.ts";
import { figure, type FigureOptions } from "./figure.ts";
import type { Html } from "./html.ts";

/** A column, or a part of one. */
interface Column {
  /** Its name on the horizontal axis. */
  readonly at: string | number;
  /** Its place among the columns with the same name, from 0 on. */
  readonly place: number;
  readonly size: number;
  readonly colour: string;
}

interface ColumnFigureOptions extends Omit<FigureOptions, "spec" | "height"> {
  readonly columns: readonly Column[];
  /** All names on the horizontal axis, from left to right. */
  readonly names: readonly (string | number)[];
  /** Whether columns with the same name are stacked; otherwise they stand in pairs. */
  readonly isStacked: boolean;
  readonly axisTitles: readonly [horizontal: string, vertical: string];
  /** Of the sizes, in d3-format's notation. */
  readonly format: string;
}

/** Columns over named places. */
export function columnFigure(options: ColumnFigureOptions): Promise<Html> {
  const { columns, names, isStacked, axisTitles, format, ...rest } = options;
  const [horizontal, vertical] = axisTitles;
  return figure({
    ...rest,
    spec: {
      data: [
        {
          name: "columns",
          values: [...columns],
          transform: [stack("size", isStacked ? ["at"] : ["at", "place"])],
        },
      ],
      scales: [
        bandScale("x", [...names], isStacked ? 0.15 : 0.2),
        linearScale("y", extentOf("columns", "y1"), { nice: true }),
      ],
      axes: [columnAxis(horizontal), measureAxis(vertical, format)],
      marks: [
        mark("rect", "columns", {
          ...(isStacked ? { x: x("at"), width: wholeBand("x") } : pair),
          y: y("y0"),
          y2: y("y1"),
          fill: { field: "colour" },
        }),
      ],
    },
  });
}

const pair = {
  x: { ...x("at"), offset: { signal: "datum.place * bandwidth('x') / 2" } },
  width: { signal: "bandwidth('x') / 2 - 1" },
};
