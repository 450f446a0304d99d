import type { Mark } from "vega";
import { lineFor, mark, measureAxis, linearScale, x, y } from "../../page/chart-parts.ts";
import { figure } from "../../page/figure.ts";
import type { Html } from "../../page/html.ts";
import { backboneName } from "../wording/display-names.ts";
import { formatMeanAndSpread } from "../wording/format-score.ts";
import type { FigurePoint, MeasuredScores, PaperFigure } from "./paper-comparison.ts";

const sides = [
  { side: "auc", name: "AUC" },
  { side: "logloss", name: "LogLoss in nats" },
] as const;

const colours = ["var(--r4ec)", "var(--r2ec)", "var(--kar)", "var(--spare-1)", "var(--spare-2)"];

/** AUC and LogLoss over the axis, two figures per backbone: a line per series where the axis has an order, Base dashed, one standard deviation as a whisker. */
export function axisFigures(data: PaperFigure): Promise<readonly Html[]> {
  const backbones = [...new Set(data.points.map(({ backbone }) => backbone))];
  return Promise.all(
    backbones.flatMap((backbone) =>
      sides.map(({ side, name }) => axisFigure(data, backbone, side, name)),
    ),
  );
}

function axisFigure(
  { axis, isOrdered, places, points, bases }: PaperFigure,
  backbone: string,
  side: keyof MeasuredScores,
  name: string,
): Promise<Html> {
  const series = [...new Set(points.map((point) => point.series))];
  const colourOf = (one: string): string => colours[series.indexOf(one) % colours.length] ?? "";
  const own = points
    .filter((point) => point.backbone === backbone)
    .map((point) => ({
      ...{ at: point.at, series: point.series, colour: colourOf(point.series) },
      ...extent(point[side]),
    }));
  const base = bases.filter((one) => one.backbone === backbone).map((one) => extent(one[side]));
  const ends = [...own, ...base].flatMap(({ low, high }) => [low, high]);
  const hasSpread = points.some((point) => point[side].sd !== null);
  return figure({
    title: `${backboneName(backbone)}: ${name}, by ${axis.replace(/,.*/, "").toLowerCase()}`,
    description: describe(points, bases, backbone, side),
    key: [
      ...(base.length === 0 ? [] : [{ label: "Base", colour: "var(--base)", isDashed: true }]),
      ...series.map((label) => ({ label, colour: colourOf(label) })),
    ],
    note: hasSpread
      ? "Dots: means over seeds. Whiskers and the band around Base: one standard deviation over seeds."
      : "Single runs: one seed, no spread.",
    spec: {
      data: [
        { name: "points", values: own },
        { name: "base", values: base },
      ],
      scales: [
        { name: "x", type: "point", range: "width", padding: 0.5, domain: [...places] },
        linearScale("y", [Math.min(...ends), Math.max(...ends)], { zero: false, nice: true }),
      ],
      axes: [
        { orient: "bottom", scale: "x", title: axis, labelOverlap: false },
        measureAxis(name, ".4f"),
      ],
      marks: [...baseMarks, ...(isOrdered ? [lines] : []), whiskers, dots],
    },
  });
}

function extent({ mean, sd }: MeasuredScores["auc"]): {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
} {
  return { mean, low: mean - (sd ?? 0), high: mean + (sd ?? 0) };
}

function describe(
  points: readonly FigurePoint[],
  bases: PaperFigure["bases"],
  backbone: string,
  side: keyof MeasuredScores,
): string {
  const ofBackbone = (one: { readonly backbone: string }): boolean => one.backbone === backbone;
  return [
    ...bases.filter(ofBackbone).map((base) => `Base: ${formatMeanAndSpread(base[side])}`),
    ...points
      .filter(ofBackbone)
      .map((point) => `${point.series}, ${point.at}: ${formatMeanAndSpread(point[side])}`),
  ].join("; ");
}

const wholeWidth = { x: { value: 0 }, x2: { signal: "width" } };

const baseMarks: readonly Mark[] = [
  mark("rect", "base", {
    ...wholeWidth,
    ...{ y: y("low"), y2: y("high"), fill: { value: "var(--base)" }, fillOpacity: { value: 0.18 } },
  }),
  mark("rule", "base", {
    ...wholeWidth,
    ...{ y: y("mean"), stroke: { value: "var(--base)" }, strokeDash: { value: [5, 3] } },
    strokeWidth: { value: 1.75 },
  }),
];

const lines = lineFor("series", "points", { x: x("at"), y: y("mean") });

const whiskers = mark("rule", "points", {
  ...{ x: x("at"), y: y("low"), y2: y("high"), stroke: { field: "colour" } },
  strokeWidth: { value: 2 },
});

const dots = mark("symbol", "points", {
  ...{ x: x("at"), y: y("mean"), fill: { field: "colour" } },
  size: { value: 70 },
});
