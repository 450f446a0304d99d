/** @file What a model is made of, independent of the tensor engine that runs it. */
import type { Ops, Shape } from "../autodiff/ops.ts";

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

/**
 * How a tensor starts: `xavierNormal` = N(0, 2 / (rows + columns)) of its matrix (Glorot and Bengio, 2010), `normal` =
 * N(0, normal²), `uniform` = between -uniform and uniform.
 */
export type Initializer =
  "xavierNormal" | "zeros" | "ones" | { readonly normal: number } | { readonly uniform: number };

/** A model's trainable tensors, named as PyTorch would name them. Asking twice for a name gives the same tensor. */
export interface Parameters<T> {
  readonly get: (name: string, shape: Shape, initializer: Initializer) => T;
  /**
   * Parameters of equal shape under one new first axis: `[names.length, ...shape]`. Each keeps its own name, start value and
   * place in a checkpoint; together they serve one batched operation.
   */
  readonly stack: (names: readonly string[], shape: Shape, initializer: Initializer) => T;
}

/** Tensors that a model keeps but that are not trained, such as running statistics. Part of a checkpoint. */
export interface Buffers<T> {
  /** The value that the step begins with. */
  readonly get: (name: string, shape: Shape, initializer: "zeros" | "ones") => T;
  /** In training: the value that the next step begins with. */
  readonly set: (name: string, value: T) => void;
}

/** What every layer is built from. */
export interface ModelScope<T> {
  readonly ops: Ops<T>;
  readonly parameters: Parameters<T>;
  readonly buffers: Buffers<T>;
  readonly shape: ModelShape;
  /** Training differs from scoring by dropout, statistics of the batch, and auxiliary losses. */
  readonly isTraining: boolean;
  /** In training: zeroes a share of the numbers, drawn anew each step, and scales up the rest. */
  readonly dropout: (x: T) => T;
  /** In training: adds a scalar to the loss that is minimised; it is no part of the cross-entropy that is reported. */
  readonly addLoss: (loss: T) => void;
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
