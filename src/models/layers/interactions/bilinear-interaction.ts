import type { Scope } from "../../../autodiff/scope.ts";
import { linear } from "../dense/linear.ts";

/**
 * Bilinear interaction of FiBiNet with one matrix for all fields: `(W f_i) ∘ f_j` for all pairs i < j, in lexical order.
 * Source: Huang et al., "FiBiNET: Combining Feature Importance and Bilinear Feature Interaction for Click-Through Rate
 * Prediction", 2019, section 3.4, type "Field-All".
 *
 * Letters: `B` = batch size, `F` = fields, `d` = width of a field.
 *
 * @param fields - Shape `[B, F, d]`
 * @returns Shape `[B, F (F - 1) / 2, d]`
 */
export function bilinearInteraction<T>(scope: Scope<T>, name: string, fields: T): T {
  const { ops } = scope;
  const [, fieldCount = 0, width = 0] = ops.shapeOf(fields);
  const projected = linear(scope, `${name}.bilinear_layer`, fields, width, { bias: false });
  const pairs = Array.from({ length: fieldCount - 1 }, (_, field) =>
    ops.mul(
      ops.slice(projected, 1, field, 1), // [B, 1, d]
      ops.slice(fields, 1, field + 1, fieldCount - field - 1), // [B, F - field - 1, d]
    ),
  );
  return ops.concat(pairs, 1);
}
