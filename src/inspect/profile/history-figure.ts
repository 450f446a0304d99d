import { figure } from "../../page/figure.ts";
import { formatCount } from "../../page/format-number.ts";
import type { Html } from "../../page/html.ts";
import { roleColour } from "../../page/role-colours.ts";
import type { ProfileRow } from "./profile-data.ts";

/** Stacked bars: rows by the length of their history and their split. */
export function historyFigure(rows: readonly ProfileRow<"history_lengths">[]): Promise<Html> {
  const splits = [...new Set(rows.map(({ split }) => split))];
  const longest = Math.max(...rows.map(({ events }) => events));
  const bars = rows.map(({ split, events, rows: count }) => ({
    ...{ events, rows: count },
    place: splits.indexOf(split),
    colour: roleColour(split),
  }));
  return figure({
    title: "Rows by length of history",
    description: rows
      .map(({ split, events, rows: count }) => `${split}, ${events} events: ${formatCount(count)}`)
      .join("; "),
    key: splits.map((split) => ({ label: split, colour: roleColour(split) })),
    spec: {
      data: [
        {
          name: "bars",
          values: bars,
          transform: [
            { type: "stack", groupby: ["events"], sort: { field: "place" }, field: "rows" },
          ],
        },
      ],
      scales: [
        {
          name: "x",
          type: "band",
          range: "width",
          padding: 0.15,
          domain: Array.from({ length: longest + 1 }, (_, events) => events),
        },
        {
          name: "y",
          type: "linear",
          range: "height",
          nice: true,
          domain: { data: "bars", field: "y1" },
        },
      ],
      axes: [
        { orient: "bottom", scale: "x", title: "Events in the history", ticks: false },
        { orient: "left", scale: "y", grid: true, tickCount: 5, title: "Rows", format: ",d" },
      ],
      marks: [
        {
          type: "rect",
          from: { data: "bars" },
          encode: {
            enter: {
              x: { scale: "x", field: "events" },
              width: { scale: "x", band: 1 },
              y: { scale: "y", field: "y0" },
              y2: { scale: "y", field: "y1" },
              fill: { field: "colour" },
            },
          },
        },
      ],
    },
  });
}
