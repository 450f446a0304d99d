/** @file The operations that models are written in. An engine that implements them can run every model. */

/** Sizes of a tensor, outermost first; `[]` is a scalar. */
export type Shape = readonly number[];

/** How a tensor's numbers are stored. All arithmetic is float32; the other types are for indices and compact weights. */
export type ElementType = "float32" | "float16" | "int32" | "int8";

/** Which operands {@link Ops.matmul} transposes (last two axes). */
export interface MatmulOptions {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}

/**
 * Differentiable tensor operations over an engine's tensor type `T`.
 *
 * Tensors are float32 unless noted; operations that only move values, such as gather and reshape, take any type. Element-wise
 * operations broadcast as in NumPy. Axes may be negative: -1 is the last. Wrong shapes and types throw `RangeError`.
 */
export interface Ops<T> {
  readonly shapeOf: (x: T) => Shape;
  /** A constant, row-major. Its shape must not depend on the batch size. */
  readonly tensor: (values: readonly number[], shape: Shape) => T;

  readonly add: (a: T, b: T | number) => T;
  readonly sub: (a: T, b: T | number) => T;
  readonly mul: (a: T, b: T | number) => T;
  readonly div: (a: T, b: T | number) => T;

  /** `max(x, 0)`; the derivative at 0 is 0. */
  readonly relu: (x: T) => T;
  readonly sigmoid: (x: T) => T;
  readonly tanh: (x: T) => T;
  /** Square root; differentiable where x > 0. */
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

  /**
   * A table of zeros of the given shape with each of `values` `[n, ...row]` added to its row: int32 indices `[n]`. Differentiable in
   * the values. Rows are summed in the order of `values` on one thread; more may lose some on ONNX Runtime.
   */
  readonly scatterAdd: (indices: T, values: T, shape: Shape) => T;

  /** The same values, row-major, in another shape; one size may be -1 and is then inferred. */
  readonly reshape: (x: T, shape: Shape) => T;
  /** Axis `i` of the result is axis `permutation[i]` of x. */
  readonly transpose: (x: T, permutation: readonly number[]) => T;
  readonly concat: (parts: readonly T[], axis: number) => T;
  /** `size` positions along `axis`, starting at `start`. */
  readonly slice: (x: T, axis: number, start: number, size: number) => T;
  /** `parts` equal pieces along `axis`, in order. */
  readonly split: (x: T, axis: number, parts: number) => readonly T[];

  /** Over `axes`, which are removed, or kept with size 1 if `keepAxes`. */
  readonly sum: (x: T, axes: readonly number[], keepAxes?: boolean) => T;
  /** Over `axes`, which are removed, or kept with size 1 if `keepAxes`. */
  readonly mean: (x: T, axes: readonly number[], keepAxes?: boolean) => T;
  /** Over `axes`, which are removed, or kept with size 1 if `keepAxes`. Equal maxima share the gradient. */
  readonly max: (x: T, axes: readonly number[], keepAxes?: boolean) => T;

  /** Converts to another type. Differentiable between float32 and float16. */
  readonly cast: (x: T, type: ElementType) => T;
  /** `value · scale of its row`: values int8 `[rows, columns]`, scales `[rows]` -> float32 `[rows, columns]`. */
  readonly dequantise: (values: T, scales: T) => T;

  /**
   * Gives `value` a custom derivative, for formulas that are cheaper than the chain rule applied to each operation.
   *
   * @param inputs - What `value` depends on. Tensors between them and `value` get no gradient through it
   * @param gradientsOf - From the gradient of `value` to one gradient per input, of the input's shape
   */
  readonly withGradients: (
    value: T,
    inputs: readonly T[],
    gradientsOf: (gradient: T) => readonly T[],
  ) => T;
}
