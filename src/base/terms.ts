/** @file Domain terms that every part of r4ec shares. */

/** How rows are split and the epoch is chosen. */
export const protocols = ["leakfree", "reference", "paper"] as const;
export type Protocol = (typeof protocols)[number];

/** What knowledge, vectors and contexts describe. */
export const subjects = ["user", "item"] as const;
export type Subject = (typeof subjects)[number];

/** What a variant is for: the baseline, a control, or knowledge under test. */
export const variantRoles = ["base", "control", "knowledge"] as const;
export type VariantRole = (typeof variantRoles)[number];

/** Where the vectors of a variant come from: this run's texts, another run's, files, statistics, or nowhere. */
export const variantOrigins = ["knowledge", "run", "unknown", "statistics", "none"] as const;
export type VariantOrigin = (typeof variantOrigins)[number];

/** How the scored epoch is chosen: best result on the valid or test split, or simply the last. */
export type Selection = "valid" | "test" | "last";

/** The metric that chooses epochs and trials: highest AUC or lowest LogLoss. */
export const selectionMetrics = ["auc", "logloss"] as const;
export type SelectionMetric = (typeof selectionMetrics)[number];

/** Identifies a trained model; the key of the training tables. */
export interface ModelIdentity {
  readonly backbone: string;
  readonly variant: string;
  /** Number in the grid or search of settings, from 0; 0 without one. */
  readonly trial: number;
  readonly seed: number;
}

/** A readable name: `dcn r4ec seed 1`, or with a grid or search `dcn r4ec trial 3 seed 1`; trial 0 is left out. */
export function modelName({ backbone, variant, trial, seed }: ModelIdentity): string {
  return `${backbone} ${variant}${trial === 0 ? "" : ` trial ${trial}`} seed ${seed}`;
}
