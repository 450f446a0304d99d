import { columnFigure } from "../../page/column-figure.ts";
import { formatCount } from "../../page/format-number.ts";
import type { Html } from "../../page/html.ts";
import { roleColour } from "../../page/role-colours.ts";
import type { ProfileRow } from "./profile-data.ts";

/** Stacked columns: rows by history length and split. */
export function historyFigure(rows: readonly ProfileRow<"history_lengths">[]): Promise<Html> {
  const splits = [...new Set(rows.map(({ split }) => split))];
  const longest = Math.max(...rows.map(({ events }) => events));
  return columnFigure({
    title: "Rows by history length",
    description: rows
      .map(({ split, events, rows: count }) => `${split}, ${events} events: ${formatCount(count)}`)
      .join("; "),
    key: splits.map((split) => ({ label: split, colour: roleColour(split) })),
    columns: rows.map(({ split, events, rows: count }) => ({
      at: events,
      place: splits.indexOf(split),
      size: count,
      colour: roleColour(split),
    })),
    names: Array.from({ length: longest + 1 }, (_, events) => events),
    isStacked: true,
    axisTitles: ["Events in the history", "Rows"],
    format: ",d",
  });
}
