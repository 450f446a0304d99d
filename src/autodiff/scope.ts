/** @file What layers of any model are built from, independent of the engine. */
import type { Ops, Shape } from "./ops.ts";

/**
 * Distribution of a tensor's initial values: `xavierNormal` = N(0, 2 / (rows + columns)) (Glorot and Bengio, 2010), `normal` =
 * N(0, normal²), `uniform` = evenly between -uniform and uniform.
 */
export type Initializer =
  "xavierNormal" | "zeros" | "ones" | { readonly normal: number } | { readonly uniform: number };

/** A model's trainable tensors, with PyTorch's names. Equal names give the same tensor. */
export interface Parameters<T> {
  readonly get: (name: string, shape: Shape, initializer: Initializer) => T;
  /**
   * Parameters of equal shape stacked along a new first axis, `[names.length, ...shape]`, for one batched operation. Each keeps its
   * own name, initial value and place in checkpoints.
   */
  readonly stack: (names: readonly string[], shape: Shape, initializer: Initializer) => T;
}

/** State that is not trained, such as running statistics. Saved in checkpoints. */
export interface Buffers<T> {
  /** The value at the start of the step. */
  readonly get: (name: string, shape: Shape, initializer: "zeros" | "ones") => T;
  /** In training: sets the value for the next step. */
  readonly set: (name: string, value: T) => void;
}

/** What every layer is built from. */
export interface Scope<T> {
  readonly ops: Ops<T>;
  readonly parameters: Parameters<T>;
  readonly buffers: Buffers<T>;
  /** Training adds dropout, batch statistics and auxiliary losses. */
  readonly isTraining: boolean;
  /** In training: zeroes a random share of the numbers, redrawn each step, and scales up the rest. */
  readonly dropout: (x: T) => T;
  /** In training: adds a scalar to the minimised loss, but not to the reported cross-entropy. */
  readonly addLoss: (loss: T) => void;
}
