import type { Scope } from "../../../autodiff/scope.ts";
import { linear } from "./linear.ts";

/** Modules per layer in the reference's `nn.Sequential`: Linear, ReLU, Dropout. Layer names count in this step. */
export const mlpModulesPerLayer = 3;

/**
 * Fully connected layers, each followed by ReLU (the last one too) and dropout.
 *
 * @param name - Prefix of the parameters `name.fc.0.weight`, `name.fc.0.bias`, `name.fc.3.weight`, …
 * @param x - Shape `[B, in]`
 * @param widths - Width of each layer
 * @returns Shape `[B, last width]`
 */
export function mlp<T>(scope: Scope<T>, name: string, x: T, widths: readonly number[]): T {
  return widths.reduce(
    (hidden, width, layer) =>
      scope.dropout(
        scope.ops.relu(linear(scope, `${name}.fc.${layer * mlpModulesPerLayer}`, hidden, width)),
      ),
    x,
  );
}
