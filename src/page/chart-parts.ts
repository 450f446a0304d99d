/**
 * @file Parts of a figure's Vega specification. Scale `x` runs over the whole width, scale `y` over the whole height; each
 * function takes the fields of the data that it reads.
 */

import type {
  Axis,
  BandScale,
  EncodeEntry,
  LinearScale,
  LineEncodeEntry,
  Mark,
  RectEncodeEntry,
  StackTransform,
  SymbolEncodeEntry,
  TextEncodeEntry,
  TimeScale,
} from "vega";

type Direction = "x" | "y";

const ranges = { x: "width", y: "height" } as const;

/** Equally wide bands, one per name. */
export function bandScale(
  name: Direction,
  domain: NonNullable<BandScale["domain"]>,
  padding = 0,
): BandScale {
  return { name, type: "band", range: ranges[name], padding, domain };
}

/** By default from or to zero, ending at the last data point rather than at a round number. */
export function linearScale(
  name: Direction,
  domain: NonNullable<LinearScale["domain"]>,
  { zero = true, nice = false }: Pick<LinearScale, "zero" | "nice"> = {},
): LinearScale {
  return { name, type: "linear", range: ranges[name], zero, nice, domain };
}

/** Scale `x` over times in milliseconds since 1970. */
export function timeScale(domain: NonNullable<TimeScale["domain"]>): TimeScale {
  return { name: "x", type: "utc", range: ranges.x, domain };
}

/** The domain that spans all values of these fields. */
export function extentOf(data: string, ...fields: readonly string[]) {
  return { fields: fields.map((field) => ({ data, field })) };
}

/** Axis of {@link timeScale}. Each label names its year, except labels of hours and less. */
export const timeAxis: Axis = {
  orient: "bottom",
  scale: "x",
  tickCount: 6,
  title: "Time of the event, UTC",
  format: {
    year: "%Y",
    quarter: "%b %Y",
    month: "%b %Y",
    week: "%d %b %Y",
    date: "%d %b %Y",
    hours: "%H:%M",
    minutes: "%H:%M",
    seconds: "%H:%M:%S",
  },
};

/**
 * Axis of a measured `y`, with grid lines.
 *
 * @param format - Of its numbers, in d3-format's notation
 */
export function measureAxis(title: string, format?: string): Axis {
  return {
    ...{ orient: "left", scale: "y", grid: true, tickCount: 5, title },
    ...(format !== undefined && { format }),
  };
}

/** Axis below columns. */
export function columnAxis(title: string): Axis {
  return { orient: "bottom", scale: "x", title, ticks: false };
}

/** Axis that names rows. */
export const rowAxis: Axis = { orient: "left", scale: "y", ticks: false, labelPadding: 8 };

/** Adds `y0` and `y1`: bars of the same group lie on one another, in the order of their `place`. */
export function stack(field: string, groupby: readonly string[]): StackTransform {
  return { type: "stack", groupby: [...groupby], sort: { field: "place" }, field };
}

interface Channels {
  readonly line: LineEncodeEntry;
  readonly rect: RectEncodeEntry;
  readonly rule: EncodeEntry;
  readonly symbol: SymbolEncodeEntry;
  readonly text: TextEncodeEntry;
}

/** A mark for each row of the data. Vega needs no more than `enter`: figures never change. */
export function mark<Type extends keyof Channels>(
  type: Type,
  data: string,
  channels: Channels[Type],
) {
  return { type, from: { data }, encode: { enter: channels } };
}

/** A line for each value of the field `groupby`, in the field `colour`, through its rows of the data in their order. */
export function lineFor(groupby: string, data: string, channels: LineEncodeEntry): Mark {
  const stroke = { stroke: { field: "colour" }, strokeWidth: { value: 1.75 } };
  return {
    type: "group",
    from: { facet: { name: "one", data, groupby } },
    marks: [mark("line", "one", { ...channels, ...stroke })],
  };
}

/** The place of a field's value on scale `x`. */
export function x(field: string) {
  return { scale: "x", field };
}

/** The place of a field's value on scale `y`: of a row, its upper edge, or with `band` that share of its height below. */
export function y(field: string, band = 0) {
  return { scale: "y", field, band };
}

/** The full width of a column, or height of a row. */
export function wholeBand(scale: Direction) {
  return { scale, band: 1 };
}

/** What all zero lines, means and cut-offs are drawn with. */
export const dashes = { value: [4, 3] };
