import { columnFigure } from "./column-figure.ts";
import { formatCount } from "./format-number.ts";
import type { Html } from "./html.ts";

/** How often a rating was given. */
export interface RatingCount {
  /** Stars. */
  readonly rating: number;
  readonly isLike: boolean;
  readonly interactions: number;
}

/** Columns: how often each rating was given, coloured by its label. */
export function ratingFigure(ratings: readonly RatingCount[]): Promise<Html> {
  return columnFigure({
    title: "Ratings given",
    description: ratings
      .map(({ rating, interactions }) => `${rating} stars: ${formatCount(interactions)}`)
      .join("; "),
    key: [
      { label: "label 1 (liked)", colour: "var(--r4ec)" },
      { label: "label 0", colour: "var(--base)" },
    ],
    columns: ratings.map(({ rating, isLike, interactions }) => ({
      at: rating,
      place: 0,
      size: interactions,
      colour: isLike ? "var(--r4ec)" : "var(--base)",
    })),
    names: ratings.map(({ rating }) => rating),
    isStacked: true,
    axisTitles: ["Rating, stars", "Interactions"],
    format: ",d",
  });
}
