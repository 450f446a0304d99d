import { figure } from "./figure.ts";
import { formatCount } from "./format-number.ts";
import type { Html } from "./html.ts";

/** How often a rating was given. */
export interface RatingCount {
  /** Stars. */
  readonly rating: number;
  readonly isLike: boolean;
  readonly interactions: number;
}

/** Bars: how often each rating was given; those that count as a like are coloured. */
export function ratingFigure(ratings: readonly RatingCount[]): Promise<Html> {
  const bars = ratings.map(({ rating, isLike, interactions }) => ({
    rating,
    interactions,
    colour: isLike ? "var(--r4ec)" : "var(--base)",
  }));
  return figure({
    title: "Ratings given",
    description: ratings
      .map(({ rating, interactions }) => `${rating} stars: ${formatCount(interactions)}`)
      .join("; "),
    key: [
      { label: "label 1 (liked)", colour: "var(--r4ec)" },
      { label: "label 0", colour: "var(--base)" },
    ],
    spec: {
      data: [{ name: "bars", values: bars }],
      scales: [
        {
          name: "x",
          type: "band",
          range: "width",
          padding: 0.15,
          domain: { data: "bars", field: "rating" },
        },
        {
          name: "y",
          type: "linear",
          range: "height",
          nice: true,
          domain: { data: "bars", field: "interactions" },
        },
      ],
      axes: [
        { orient: "bottom", scale: "x", title: "Rating, stars", ticks: false },
        {
          orient: "left",
          scale: "y",
          grid: true,
          tickCount: 5,
          title: "Interactions",
          format: ",d",
        },
      ],
      marks: [
        {
          type: "rect",
          from: { data: "bars" },
          encode: {
            enter: {
              x: { scale: "x", field: "rating" },
              width: { scale: "x", band: 1 },
              y: { scale: "y", field: "interactions" },
              y2: { scale: "y", value: 0 },
              fill: { field: "colour" },
            },
          },
        },
      ],
    },
  });
}
