/** @file What a model is made of, independent of the tensor engine that runs it. */
import type { Scope } from "../autodiff/scope.ts";

/** Sizes that fix a model's graph. */
export interface ModelShape {
  /** `B`. */
  readonly batchSize: number;
  /** Distinct items; the embedding table has one row more, row 0 = padding. */
  readonly items: number;
  /** Distinct attribute values over all `A` attributes (one shared table, as in the paper's code); plus row 0. */
  readonly attributeValues: number;
  /** Places for values of each of the `A` attributes: 1, or more for an attribute with several values. `S` is their sum. */
  readonly attributeSlots: readonly number[];
  /** Distinct rating values; plus row 0. */
  readonly ratings: number;
  /** `H`. */
  readonly history: number;
  /** `d`, width of an embedding. */
  readonly embeddingDim: number;
  /** `G` fields about the user (id, demographics) with `values` distinct values over all of them; absent = none. */
  readonly userFeatures?: { readonly fields: number; readonly values: number };
  /** Whether rows count differently in the loss; default false. */
  readonly isWeighted?: boolean;
  /** `U` and `V`, of which one may be absent; absent altogether = no knowledge (Base). */
  readonly knowledge?: { readonly userDim?: number; readonly itemDim?: number };
}

/** A mini-batch as the model sees it; letters as in {@link ModelShape}. Ids are int32, the rest float32. */
export interface ModelInputs<T> {
  /** Shape `[B]`. */
  readonly items: T;
  /** Shape `[B, S]`: the values of the first attribute, then those of the next; 0 = no further value. */
  readonly attributes: T;
  /** Shape `[B, S]`: 1 / number of values the item has of that attribute, 0 for none. Absent where all slots are 1. */
  readonly attributeWeights?: T;
  /** Shape `[B, H]`. */
  readonly historyItems: T;
  /** Shape `[B, H, S]`. */
  readonly historyAttributes: T;
  /** Shape `[B, H, S]`, as `attributeWeights`. */
  readonly historyAttributeWeights?: T;
  /** Shape `[B, H]`. */
  readonly historyRatings: T;
  /** Shape `[B, H]`: 1 / length for an event, 0 for padding. A row of an empty history is all 0. */
  readonly historyWeights: T;
  /** Shape `[B, H]`: 1 for an event, 0 for padding. */
  readonly historyMask: T;
  /** Shape `[B]`: 1 / rows that count, 0 for the rows that fill up a short batch. For statistics over the batch. */
  readonly rowWeights: T;
  /**
   * Shape `[B]`: what each row counts in the loss, summing to 1, or all 0 where no row counts. Absent = as `rowWeights`.
   * Statistics over the batch, such as Dice's, are of all rows whatever they count.
   */
  readonly lossWeights?: T;
  /** Shape `[B, G]`; 0 = unknown. Absent without user features. */
  readonly userFeatures?: T;
  /** Shapes `[B, U]` and `[B, V]`; absent in Base. */
  readonly knowledge?: { readonly user?: T; readonly item?: T };
}

/** What the layers of a CTR model are built from. */
export interface ModelScope<T> extends Scope<T> {
  readonly shape: ModelShape;
}

/**
 * Turns knowledge vectors, user `[B, U]` and item `[B, V]`, into features for a backbone: `d` numbers a vector, user first,
 * so `[B, 2 d]`, or `[B, d]` where one of them is absent.
 */
export type Connector = <T>(
  scope: ModelScope<T>,
  vectors: { readonly user?: T; readonly item?: T },
) => T;

/**
 * A CTR model: from embedded features to one logit a row, `[B]`.
 *
 * `knowledge`, `[B, k d]`, is the connector's result; absent in Base. When scoring, a row's logit must not depend on the batch's
 * other rows.
 */
export type Backbone = <T>(
  scope: ModelScope<T>,
  inputs: ModelInputs<T>,
  knowledge: T | undefined,
) => T;

/** A backbone with the connector that feeds it; returns logits, shape `[B]`. */
export function buildModel<T>(
  { backbone, connector }: { readonly backbone: Backbone; readonly connector: Connector },
  scope: ModelScope<T>,
  inputs: ModelInputs<T>,
): T {
  const knowledge = inputs.knowledge && connector(scope, inputs.knowledge);
  return backbone(scope, inputs, knowledge);
}
