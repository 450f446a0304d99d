/** @file What a model is made of, independent of the tensor engine that runs it. */
import type { Ops, Shape } from "./ops.ts";

/** Sizes that fix a model's graph. */
export interface ModelShape {
  /** `B`. */
  readonly batchSize: number;
  /** Distinct items; the embedding table has one row more, row 0 = padding. */
  readonly items: number;
  /** Distinct attribute values over all `A` attributes (one shared table, as in the paper's code); plus row 0. */
  readonly attributeValues: number;
  /** `A`. */
  readonly attributesPerItem: number;
  /** Distinct rating values; plus row 0. */
  readonly ratings: number;
  /** `H`. */
  readonly history: number;
  /** `d`, width of an embedding. */
  readonly embeddingDim: number;
  /** `U` and `V`; absent = no knowledge (Base). */
  readonly knowledge?: { readonly userDim: number; readonly itemDim: number };
}

/** A mini-batch as the model sees it; letters as in {@link ModelShape}. Ids are int32, the rest float32. */
export interface ModelInputs<T> {
  /** Shape `[B]`. */
  readonly items: T;
  /** Shape `[B, A]`. */
  readonly attributes: T;
  /** Shape `[B, H]`. */
  readonly historyItems: T;
  /** Shape `[B, H, A]`. */
  readonly historyAttributes: T;
  /** Shape `[B, H]`. */
  readonly historyRatings: T;
  /** Shape `[B, H]`: 1 / length for an event, 0 for padding. A row of an empty history is all 0. */
  readonly historyWeights: T;
  /** Shapes `[B, U]` and `[B, V]`; absent in Base. */
  readonly knowledge?: { readonly user: T; readonly item: T };
}

/** How a parameter starts: `xavierNormal` = N(0, 2 / (rows + columns)) of its matrix (Glorot and Bengio, 2010). */
export type Initializer = "xavierNormal" | "zeros";

/** A model's trainable tensors, named as PyTorch would name them. Asking twice for a name gives the same tensor. */
export interface Parameters<T> {
  readonly get: (name: string, shape: Shape, initializer: Initializer) => T;
  /**
   * Parameters of equal shape under one new first axis: `[names.length, ...shape]`. Each keeps its own name, start value and
   * place in a checkpoint; together they serve one batched operation.
   */
  readonly stack: (names: readonly string[], shape: Shape, initializer: Initializer) => T;
}

/** What every layer is built from. */
export interface ModelScope<T> {
  readonly ops: Ops<T>;
  readonly parameters: Parameters<T>;
  readonly shape: ModelShape;
}

/** Turns knowledge vectors, user `[B, U]` and item `[B, V]`, into features for a backbone, `[B, 2 d]`, user first. */
export type Connector = <T>(scope: ModelScope<T>, user: T, item: T) => T;

/**
 * A CTR model: from embedded features to one logit a row, `[B]`.
 *
 * `knowledge`, `[B, 2 d]`, is the connector's result; absent in Base. A row's logit must not depend on the batch's other rows.
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
  const knowledge =
    inputs.knowledge && connector(scope, inputs.knowledge.user, inputs.knowledge.item);
  return backbone(scope, inputs, knowledge);
}
