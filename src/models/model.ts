/** @file The contract of CTR models, independent of the engine that runs them. */
import type { Scope } from "../autodiff/scope.ts";

/** Sizes that determine a model's graph. */
export interface ModelShape {
  /** `B`. */
  readonly batchSize: number;
  /** Distinct items; the embedding table has one more row, row 0 = padding. */
  readonly items: number;
  /** Distinct values of all `A` attributes (one shared table, as in the paper's code); plus row 0. */
  readonly attributeValues: number;
  /** Slots for values of each of the `A` attributes: 1, or more for an attribute with several values. `S` is their sum. */
  readonly attributeSlots: readonly number[];
  /**
   * Values of long attributes that an item has on average, as items occur. Only sizes memory; default: as many as there are slots.
   */
  readonly listedValues?: number;
  /** Distinct rating values; plus row 0. */
  readonly ratings: number;
  /** `H`. */
  readonly history: number;
  /** `d`, width of an embedding. */
  readonly embeddingDim: number;
  /** `G` user fields (id, demographics) with `values` distinct values in all; absent = none. */
  readonly userFeatures?: { readonly fields: number; readonly values: number };
  /** Whether rows have different weights in the loss; default false. */
  readonly isWeighted?: boolean;
  /** `U` and `V`, of which one may be absent. No `knowledge` = Base. */
  readonly knowledge?: { readonly userDim?: number; readonly itemDim?: number };
}

/**
 * The values of long attributes that some items have, item by item, without gaps. `N` = values, `R` = long attributes. Where there are
 * fewer than N, the rest has weight 0.
 */
export interface ValueLists<T> {
  /** Shape `[N]`. */
  readonly ids: T;
  /** Shape `[N]`: `R` times the item's place, plus the attribute's place among the long ones. */
  readonly owners: T;
  /** Shape `[N, 1]`: 1 / number of the item's values of that attribute. */
  readonly weights: T;
}

/** A mini-batch; letters as in {@link ModelShape}. Ids are int32, everything else float32. */
export interface ModelInputs<T> {
  /** Shape `[B]`. */
  readonly items: T;
  /** Shape `[B, S]`: values of the first attribute, then of the next, and so on; 0 = empty slot. */
  readonly attributes: T;
  /** Shape `[B, S]`: 1 / number of the item's values of that attribute, 0 for empty slots. Absent if every attribute has one slot. */
  readonly attributeWeights?: T;
  /** Of the items in `[B]`. Absent = the values of long attributes are read from their slots. */
  readonly attributeLists?: ValueLists<T>;
  /** Shape `[B, H]`. */
  readonly historyItems: T;
  /** Shape `[B, H, S]`. */
  readonly historyAttributes: T;
  /** Shape `[B, H, S]`; like `attributeWeights`. */
  readonly historyAttributeWeights?: T;
  /** Of the items in `[B, H]`, row by row. */
  readonly historyAttributeLists?: ValueLists<T>;
  /** Shape `[B, H]`. */
  readonly historyRatings: T;
  /** Shape `[B, H]`: 1 / history length for an event, 0 for padding. All 0 for an empty history. */
  readonly historyWeights: T;
  /** Shape `[B, H]`: 1 for an event, 0 for padding. */
  readonly historyMask: T;
  /** Shape `[B]`: 1 / number of real rows; 0 for rows that pad a short batch. For batch statistics. */
  readonly rowWeights: T;
  /**
   * Shape `[B]`: weight of each row in the loss, summing to 1, or all 0. Absent = `rowWeights`. Batch statistics, such as Dice's, ignore
   * these weights.
   */
  readonly lossWeights?: T;
  /** Shape `[B, G]`; 0 = unknown. Absent without user features. */
  readonly userFeatures?: T;
  /** Shapes `[B, U]` and `[B, V]`; absent in Base. */
  readonly knowledge?: { readonly user?: T; readonly item?: T };
}

/** What layers of a CTR model are built from. */
export interface ModelScope<T> extends Scope<T> {
  readonly shape: ModelShape;
}

/**
 * Turns knowledge vectors, user `[B, U]` and item `[B, V]`, into features for a backbone: `d` numbers per vector, user first. The result
 * is `[B, 2 d]`, or `[B, d]` if one of them is absent.
 */
export type Connector = <T>(
  scope: ModelScope<T>,
  vectors: { readonly user?: T; readonly item?: T },
) => T;

/**
 * A CTR model: turns a batch into one logit per row, `[B]`.
 *
 * `knowledge`, `[B, k d]`, is the connector's result; absent in Base. In scoring, a row's logit must not depend on other rows of the
 * batch.
 */
export type Backbone = <T>(
  scope: ModelScope<T>,
  inputs: ModelInputs<T>,
  knowledge: T | undefined,
) => T;

/** Applies a connector and a backbone; returns logits, shape `[B]`. */
export function buildModel<T>(
  { backbone, connector }: { readonly backbone: Backbone; readonly connector: Connector },
  scope: ModelScope<T>,
  inputs: ModelInputs<T>,
): T {
  const knowledge = inputs.knowledge && connector(scope, inputs.knowledge);
  return backbone(scope, inputs, knowledge);
}
