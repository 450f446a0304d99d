/** @file What layers of any model are built from, whoever runs them. */
import type { Ops, Shape } from "./ops.ts";

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
export interface Scope<T> {
  readonly ops: Ops<T>;
  readonly parameters: Parameters<T>;
  readonly buffers: Buffers<T>;
  /** Training differs from scoring by dropout, statistics of the batch, and auxiliary losses. */
  readonly isTraining: boolean;
  /** In training: zeroes a share of the numbers, drawn anew each step, and scales up the rest. */
  readonly dropout: (x: T) => T;
  /** In training: adds a scalar to the loss that is minimised; it is no part of the cross-entropy that is reported. */
  readonly addLoss: (loss: T) => void;
}
