/** @file The field's terms that every room shares. */

/** How rows are split and the epoch is chosen. */
export const protocols = ["leakfree", "reference", "paper"] as const;
export type Protocol = (typeof protocols)[number];

/** Who knowledge, vectors and contexts are about. */
export const subjects = ["user", "item"] as const;
export type Subject = (typeof subjects)[number];

/** What a trained model is for: the yardstick, a control, or knowledge to be measured. */
export const variantRoles = ["base", "control", "knowledge"] as const;
export type VariantRole = (typeof variantRoles)[number];

/** What chooses the epoch that is scored: the best result on the valid or the test split, or the last epoch. */
export type Selection = "valid" | "test" | "last";

/** What chooses epochs and trials: the highest AUC or the lowest LogLoss. */
export const selectionMetrics = ["auc", "logloss"] as const;
export type SelectionMetric = (typeof selectionMetrics)[number];

/** Which trained model it is: the key of the tables of training. */
export interface ModelIdentity {
  readonly backbone: string;
  readonly variant: string;
  /** Place in the grid of settings, from 0; 0 without a grid. */
  readonly trial: number;
  readonly seed: number;
}

/** A trained model as people read it: `dcn r4ec seed 1`, of a grid `dcn r4ec trial 3 seed 1`; trial 0 goes without saying. */
export function modelName({ backbone, variant, trial, seed }: ModelIdentity): string {
  return `${backbone} ${variant}${trial === 0 ? "" : ` trial ${trial}`} seed ${seed}`;
}
