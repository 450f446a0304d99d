import type { PaperName } from "../settings.ts";

/** A run beside a table or a figure of the paper. */
export interface PaperComparison {
  readonly name: PaperName;
  /** "Table 2, MovieLens-1M: backbones and methods". */
  readonly title: string;
  /** How this run differs from the paper's, and how to read what is shown. */
  readonly notes: readonly string[];
  /** What the paper's text says of a figure, in other words; empty for tables. */
  readonly statements: readonly string[];
  /** Of a table: the rows of the backbones that the run trained. Empty for figures. */
  readonly rows: readonly PaperRow[];
  /** Of a figure: the run's points. Null for tables. */
  readonly figure: PaperFigure | null;
}

/** AUC and LogLoss (nats), or differences of them. */
export interface Scores {
  readonly auc: number;
  readonly logloss: number;
}

/** A mean over seeds with one standard deviation, null for a single seed. */
interface Spread {
  readonly mean: number;
  readonly sd: number | null;
}

export interface MeasuredScores {
  readonly auc: Spread;
  readonly logloss: Spread;
}

/** A method on a backbone, in the paper and in the run. */
export interface PaperRow {
  readonly backbone: string;
  readonly label: string;
  /** Null for rows that the paper does not have, as those of the built-in profiler. */
  readonly paper: Scores | null;
  /** Null where the run has no such row. */
  readonly ours: MeasuredScores | null;
  /** Variant of the run, and the model or encoder behind it. */
  readonly by: string | null;
  /** Ours minus the paper's; null unless both are there and about the same data. */
  readonly difference: Scores | null;
}

/** A figure's axes and the run's points on them. */
export interface PaperFigure {
  readonly axis: string;
  /** Whether the places have an order, so that a line may join them; strategies have none. */
  readonly isOrdered: boolean;
  /** Names of the places on the axis, in order. */
  readonly places: readonly string[];
  readonly points: readonly FigurePoint[];
  /** Base of every backbone. */
  readonly bases: readonly (MeasuredScores & { readonly backbone: string })[];
}

export interface FigurePoint extends MeasuredScores {
  readonly backbone: string;
  /** Points of a series have one colour. */
  readonly series: string;
  /** One of the places. */
  readonly at: string;
}
