/** @file The operations models are written in. A tensor engine implements them once and can then run every model. */

/** Sizes of a tensor, outermost first; `[]` is a scalar. */
export type Shape = readonly number[];

/** How a tensor's numbers are stored. Arithmetic is in float32; the others are for indices and for weights that are kept small. */
export type ElementType = "float32" | "float16" | "int32" | "int8";

/** Which operands of {@link Ops.matmul} are read with their last two axes swapped. */
export interface MatmulOptions {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}

/**
 * Differentiable tensor operations over an engine's own tensor type `T` (float32 unless said otherwise; operations that only move
 * values, such as gather and reshape, take any type).
 *
 * Element-wise operations broadcast like NumPy's. Axes may be negative: -1 is the last. Wrong shapes throw `RangeError`.
 */
export interface Ops<T> {
  readonly shapeOf: (x: T) => Shape;
  /** A constant, row-major. No size of it may depend on the batch's. */
  readonly tensor: (values: readonly number[], shape: Shape) => T;

  readonly add: (a: T, b: T | number) => T;
  readonly sub: (a: T, b: T | number) => T;
  readonly mul: (a: T, b: T | number) => T;
  readonly div: (a: T, b: T | number) => T;

  /** `max(x, 0)`; its derivative at 0 is 0. */
  readonly relu: (x: T) => T;
  readonly sigmoid: (x: T) => T;
  readonly tanh: (x: T) => T;
  /** Square root; x must be positive where it is differentiated. */
  readonly sqrt: (x: T) => T;
  /** Natural logarithm. */
  readonly log: (x: T) => T;
  /** `1 / x` */
  readonly reciprocal: (x: T) => T;
  /** `log(1 + e^x)`, without overflow. */
  readonly softplus: (x: T) => T;
  /** Over the last axis. */
  readonly softmax: (x: T) => T;

  /** `[..., M, K] x [..., K, N] -> [..., M, N]`; leading axes broadcast. */
  readonly matmul: (a: T, b: T, options?: MatmulOptions) => T;
  /** `x Wᵀ + b` as in PyTorch: x `[..., in]`, weight `[out, in]`, bias `[out]` -> `[..., out]`. */
  readonly linear: (x: T, weight: T, bias?: T) => T;
  /** Rows of a table of any type: table `[N, ...row]`, int32 indices of any shape `[...i]` -> `[...i, ...row]`. */
  readonly gather: (table: T, indices: T) => T;

  /** Same values, row-major, under another shape; one size may be -1 and is then worked out. */
  readonly reshape: (x: T, shape: Shape) => T;
  /** Axis `i` of the result is axis `permutation[i]` of x. */
  readonly transpose: (x: T, permutation: readonly number[]) => T;
  readonly concat: (parts: readonly T[], axis: number) => T;
  /** `size` positions of `axis`, from `start`. */
  readonly slice: (x: T, axis: number, start: number, size: number) => T;
  /** `parts` equal pieces along `axis`, in order. */
  readonly split: (x: T, axis: number, parts: number) => readonly T[];

  /** Over `axes`, which disappear, or stay with size 1 if `keepAxes`. */
  readonly sum: (x: T, axes: readonly number[], keepAxes?: boolean) => T;
  /** Over `axes`, which disappear, or stay with size 1 if `keepAxes`. */
  readonly mean: (x: T, axes: readonly number[], keepAxes?: boolean) => T;
  /** Over `axes`, which disappear, or stay with size 1 if `keepAxes`. Equal maxima share the gradient. */
  readonly max: (x: T, axes: readonly number[], keepAxes?: boolean) => T;

  /** The same numbers in another type. Differentiable between float32 and float16. */
  readonly cast: (x: T, type: ElementType) => T;
  /** Rows of 8-bit numbers, each times its own scale: values int8 `[rows, columns]`, scales `[rows]` -> float32 `[rows, columns]`. */
  readonly dequantise: (values: T, scales: T) => T;

  /**
   * `value` with a derivative of its own, in place of the one of the operations it is made of: for formulas that are less work than the
   * chain rule applied operation by operation.
   *
   * @param inputs - What `value` depends on
   * @param gradientsOf - From the gradient of `value` to those of `inputs`, in their order and of their shapes
   */
  readonly withGradients: (
    value: T,
    inputs: readonly T[],
    gradientsOf: (gradient: T) => readonly T[],
  ) => T;
}
