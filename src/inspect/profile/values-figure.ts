import { bandScale, linearScale, mark, rowAxis, wholeBand, x, y } from "../../page/chart-parts.ts";
import { figure } from "../../page/figure.ts";
import { formatCount, formatShare } from "../../page/format-number.ts";
import type { Html } from "../../page/html.ts";
import { shortText } from "../../page/short-text.ts";
import type { ProfileRow } from "./profile-data.ts";

/** Height per bar, in CSS pixels. */
const barHeight = 24;
/** Longest name beside a bar, in characters. */
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
    description: rows
      .map(({ value, share }) => `${shortText(value)}: ${formatShare(share)}`)
      .join("; "),
    height: barHeight * rows.length + 12,
    note:
      values > rows.length
        ? `The ${rows.length} most frequent of ${formatCount(values)} values.`
        : null,
    spec: {
      data: [{ name: "bars", values: bars }],
      scales: [
        linearScale("x", [0, 1.2 * Math.max(...bars.map(({ share }) => share))]), // leaves room for the count
        bandScale("y", { data: "bars", field: "place" }, 0.2),
        {
          name: "names",
          type: "ordinal",
          domain: bars.map(({ place }) => place),
          range: bars.map(({ name }) => name),
        },
      ],
      axes: [
        {
          ...rowAxis,
          encode: { labels: { update: { text: { signal: "scale('names', datum.value)" } } } },
        },
      ],
      marks: [
        mark("rect", "bars", {
          x: { scale: "x", value: 0 },
          x2: x("share"),
          y: y("place"),
          height: wholeBand("y"),
          fill: { value: "var(--base)" },
        }),
        mark("text", "bars", {
          x: { ...x("share"), offset: 6 },
          y: y("place", 0.5),
          text: { field: "text" },
          baseline: { value: "middle" },
          fontSize: { value: 12 },
          fill: { value: "var(--ink-2)" },
        }),
      ],
    },
  });
}

function shorten(name: string): string {
  return name.length > longestName ? `${name.slice(0, longestName - 1)}…` : name;
}
