import type { Scope } from "../../../autodiff/scope.ts";

/**
 * A fully connected layer `x Wᵀ + b`.
 *
 * @param name - Name of the PyTorch module, with parameters `name.weight` `[width, in]` and, unless `bias` is false, `name.bias` `[width]`
 * @param x - Shape `[..., in]`
 * @returns Shape `[..., width]`
 */
export function linear<T>(
  { ops, parameters }: Scope<T>,
  name: string,
  x: T,
  width: number,
  { bias = true }: { readonly bias?: boolean } = {},
): T {
  const inputWidth = ops.shapeOf(x).at(-1) ?? 1;
  return ops.linear(
    x,
    parameters.get(`${name}.weight`, [width, inputWidth], "xavierNormal"),
    bias ? parameters.get(`${name}.bias`, [width], "zeros") : undefined,
  );
}
