import { figure } from "../../page/figure.ts";
import { formatCount, formatShare } from "../../page/format-number.ts";
import type { Html } from "../../page/html.ts";
import type { ProfileRow } from "./profile-data.ts";

/** Room of a bar, CSS pixels. */
const barHeight = 24;
/** Longest name beside a bar, characters. */
const longestName = 26;

/**
 * Bars: the most frequent values of an attribute.
 *
 * @param rows - Of one attribute, most frequent first
 */
export function valuesFigure(rows: readonly ProfileRow<"attribute_values">[]): Promise<Html> {
  const [first] = rows;
  const subject = first?.subject ?? "item";
  const values = first?.values ?? 0;
  const bars = rows.map(({ value, share, subjects }, place) => ({
    ...{ place, share },
    name: shorten(value),
    text: formatCount(subjects),
  }));
  return figure({
    title: `${subject === "item" ? "Items" : "Users"} by ${first?.attribute ?? ""}`,
    description: rows.map(({ value, share }) => `${value}: ${formatShare(share)}`).join("; "),
    height: barHeight * rows.length + 12,
    note:
      values > rows.length
        ? `The ${rows.length} most frequent of ${formatCount(values)} values.`
        : null,
    spec: {
      data: [{ name: "bars", values: bars }],
      scales: [
        {
          name: "x",
          type: "linear",
          range: "width",
          domain: [0, 1.2 * Math.max(...bars.map(({ share }) => share))], // room for the count
        },
        {
          name: "y",
          type: "band",
          range: "height",
          padding: 0.2,
          domain: { data: "bars", field: "place" },
        },
        {
          name: "names",
          type: "ordinal",
          domain: bars.map(({ place }) => place),
          range: bars.map(({ name }) => name),
        },
      ],
      axes: [
        {
          orient: "left",
          scale: "y",
          ticks: false,
          encode: { labels: { update: { text: { signal: "scale('names', datum.value)" } } } },
        },
      ],
      marks: [
        {
          type: "rect",
          from: { data: "bars" },
          encode: {
            enter: {
              x: { scale: "x", value: 0 },
              x2: { scale: "x", field: "share" },
              y: { scale: "y", field: "place" },
              height: { scale: "y", band: 1 },
              fill: { value: "var(--base)" },
            },
          },
        },
        {
          type: "text",
          from: { data: "bars" },
          encode: {
            enter: {
              x: { scale: "x", field: "share", offset: 6 },
              y: { scale: "y", field: "place", band: 0.5 },
              text: { field: "text" },
              baseline: { value: "middle" },
              fontSize: { value: 12 },
              fill: { value: "var(--ink-2)" },
            },
          },
        },
      ],
    },
  });
}

function shorten(name: string): string {
  return name.length > longestName ? `${name.slice(0, longestName - 1)}…` : name;
}
