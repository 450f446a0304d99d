import {
  dashes,
  extentOf,
  linearScale,
  mark,
  measureAxis,
  stack,
  timeAxis,
  timeScale,
  x,
  y,
} from "./chart-parts.ts";
import type { CutOff } from "./cut-offs.ts";
import { figure } from "./figure.ts";
import { formatCount, formatDay } from "./format-number.ts";
import type { Html } from "./html.ts";
import { roleColour, roles } from "./role-colours.ts";

/** Interactions over time. */
export interface Activity {
  /** Width of a bin. */
  readonly binHours: number;
  readonly bins: readonly ActivityBin[];
}

export interface ActivityBin {
  readonly start: Date;
  readonly role: string;
  readonly rows: number;
}

const msPerHour = 3_600_000;
/** Space above the bars for the names of the cut-offs, in CSS pixels. */
const labelSpace = 30;

/** Stacked bars: interactions over time by role, with a line where each split begins. */
export function activityFigure(activity: Activity, cuts: readonly CutOff[]): Promise<Html> {
  const { binHours, bins } = activity;
  const present = [...new Set(bins.map((bin) => bin.role))].sort((a, b) => placeOf(a) - placeOf(b));
  const bars = bins.map(({ start, role, rows }) => ({
    start: start.getTime(),
    end: start.getTime() + binHours * msPerHour,
    place: placeOf(role),
    rows,
    colour: roleColour(role),
  }));
  const lastEnd = Math.max(...bars.map((bar) => bar.end));
  const span = lastEnd - Math.min(...bars.map((bar) => bar.start));
  const lines = cuts.map(({ split, at }, index) => {
    const isNearEdge = lastEnd - Date.parse(at) < 0.12 * span;
    return {
      at: Date.parse(at),
      text: split,
      align: isNearEdge ? "right" : "left",
      dx: isNearEdge ? -4 : 4,
      y: 6 + 15 * index, // one below the other: cut-offs may lie close together
    };
  });
  const totals = present.map((role) => {
    const rows = bins.filter((bin) => bin.role === role).reduce((sum, bin) => sum + bin.rows, 0);
    return `${role}: ${formatCount(rows)}`;
  });
  const ends = cuts.map(({ split, at }) => `${split} starts on ${formatDay(at)}`);
  return figure({
    title: "Interactions over time by role",
    description: [...totals, ...ends].join("; "),
    key: present.map((role) => ({ label: role, colour: roleColour(role) })),
    note:
      cuts.length > 0
        ? `Lines mark the cut-offs: ${ends.join(", ")}.`
        : bins.some((bin) => bin.role === "test")
          ? "The splits overlap in time: each user’s rows are split separately."
          : null,
    spec: {
      data: [
        { name: "bars", values: bars, transform: [stack("rows", ["start"])] },
        { name: "cuts", values: lines },
      ],
      scales: [
        timeScale(extentOf("bars", "start", "end")),
        {
          ...linearScale("y", extentOf("bars", "y1"), { nice: true }),
          range: [{ signal: "height" }, labelSpace],
        },
      ],
      axes: [timeAxis, measureAxis(`Interactions per ${spanName(binHours)}`, ",d")],
      marks: [
        mark("rect", "bars", {
          x: x("start"),
          x2: { ...x("end"), offset: -1 },
          y: y("y0"),
          y2: y("y1"),
          fill: { field: "colour" },
        }),
        mark("rule", "cuts", {
          x: x("at"),
          y: { field: "y", offset: -6 },
          y2: { signal: "height" },
          stroke: { value: "var(--ink)" },
          strokeDash: dashes,
        }),
        mark("text", "cuts", {
          x: x("at"),
          dx: { field: "dx" },
          y: { field: "y" },
          text: { field: "text" },
          align: { field: "align" },
          fill: { value: "var(--ink)" },
          stroke: { value: "var(--card)" }, // where it crosses the line of another cut-off
          strokeWidth: { value: 5 },
          fontSize: { value: 13 },
        }),
      ],
    },
  });
}

function placeOf(role: string): number {
  const place = roles.indexOf(role);
  return place === -1 ? roles.length : place;
}

/** The width of a bin: "hour", "5 hours", "8 days", "4.2 weeks". */
function spanName(hours: number): string {
  if (hours === 1) return "hour";
  if (hours < 48) return `${Number(hours.toFixed(1))} hours`;
  const days = hours / 24;
  if (days < 28) return `${Number(days.toFixed(1))} days`;
  return `${Number((days / 7).toFixed(1))} weeks`;
}
