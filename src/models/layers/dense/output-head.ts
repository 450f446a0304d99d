import type { Scope } from "../../../autodiff/scope.ts";
import { linear } from "./linear.ts";
import { mlp } from "./mlp.ts";

/**
 * The end of most backbones: an MLP `final_mlp`, then one linear unit `final_fc`.
 *
 * @param x - Shape `[B, in]`
 * @param widths - Width of each layer of the MLP
 * @returns Logits, shape `[B]`
 */
export function outputHead<T>(scope: Scope<T>, x: T, widths: readonly number[]): T {
  const hidden = mlp(scope, "final_mlp", x, widths);
  return scope.ops.reshape(linear(scope, "final_fc", hidden, 1), [-1]);
}
