import { lineFor, linearScale, mark, measureAxis, x, y } from "../../page/chart-parts.ts";
import { figure } from "../../page/figure.ts";
import type { Html } from "../../page/html.ts";
import type { KnowledgeRound } from "../run-results.ts";
import { variantColours } from "./variant-colours.ts";

/** What is drawn by round; `format` is that of its axis, in d3-format's notation. */
interface Measure {
  readonly title: string;
  readonly axis: string;
  readonly format: string;
  readonly read: (round: KnowledgeRound) => number | null;
}

const measures: readonly Measure[] = [
  {
    title: "Texts judged reasonable by the end of each round",
    axis: "Share of the texts",
    format: ".0%",
    read: (round) => round.reasonableShare,
  },
  {
    title: "Length of the texts at the end of each round",
    axis: "Mean words",
    format: "d",
    read: (round) => round.meanWords,
  },
  {
    title: "Tokens of prompts and answers in each round",
    axis: "Tokens",
    format: "~s",
    read: ({ promptTokens, completionTokens }) =>
      promptTokens === null || completionTokens === null ? null : promptTokens + completionTokens,
  },
  {
    title: "Cost of each round",
    axis: "US dollars",
    format: "~f",
    read: (round) => round.costUsd,
  },
];

/** One figure per measure that is known of two rounds or more, with a line for users and one for items of each variant. */
export function roundFigures(rounds: readonly KnowledgeRound[]): Promise<readonly Html[]> {
  return Promise.all(
    measures.flatMap((measure) => {
      const points = pointsOf(rounds, measure);
      return new Set(points.map(({ round }) => round)).size < 2 ? [] : [drawn(measure, points)];
    }),
  );
}

interface RoundPoint {
  readonly round: number;
  readonly value: number;
  /** One line is the users or items of a variant. */
  readonly line: string;
  readonly colour: string;
  readonly dash: readonly number[];
}

function pointsOf(rounds: readonly KnowledgeRound[], { read }: Measure): readonly RoundPoint[] {
  const variants = [...new Set(rounds.map(({ variant }) => variant))];
  const colourOf = variantColours(variants);
  return rounds.flatMap((round) => {
    const value = read(round);
    if (value === null) return [];
    const { variant, subject } = round;
    const whose = variants.length === 1 ? "" : `${variant}, `;
    return {
      ...{ round: round.round, value, line: `${whose}${subject}s`, colour: colourOf(variant) },
      dash: subject === "item" ? [5, 3] : [],
    };
  });
}

function drawn({ title, axis, format }: Measure, points: readonly RoundPoint[]): Promise<Html> {
  const firsts = new Map(points.map((point) => [point.line, point]));
  return figure({
    title,
    description: [...firsts.keys()]
      .map((line) => {
        const own = points.filter((point) => point.line === line);
        return `${line}: ${own.map(({ round, value }) => `round ${round} ${Number(value.toPrecision(3))}`).join(", ")}`;
      })
      .join("; "),
    key: [...firsts.values()].map(({ line, colour, dash }) => ({
      label: line,
      colour,
      isDashed: dash.length > 0,
    })),
    spec: {
      data: [{ name: "points", values: [...points] }],
      scales: [
        linearScale("x", [0, Math.max(...points.map(({ round }) => round))]),
        linearScale("y", [0, Math.max(...points.map(({ value }) => value))], { nice: true }),
      ],
      axes: [
        { orient: "bottom", scale: "x", title: "Round", tickMinStep: 1, format: "d" },
        measureAxis(axis, format),
      ],
      marks: [lines, dots],
    },
  });
}

const place = { x: x("round"), y: y("value") };

const lines = lineFor("line", "points", { ...place, strokeDash: { field: "dash" } });

const dots = mark("symbol", "points", {
  ...place,
  fill: { field: "colour" },
  size: { value: 45 },
});
