import type { Scope } from "../../../autodiff/scope.ts";

/**
 * The second-order term of a factorization machine: the sum of the dot products of all pairs, `Σ_{i<j} f_i · f_j`, as
 * `½ Σ_d ((Σ_i f_i)² − Σ_i f_i²)`.
 * Source: Rendle, "Factorization Machines", 2010, lemma 3.1.
 *
 * Letters: `B` = batch size, `F` = fields, `d` = width of a field.
 *
 * @param fields - Shape `[B, F, d]`
 * @returns Shape `[B, 1]`
 */
export function pairwiseProducts<T>({ ops }: Scope<T>, fields: T): T {
  const total = ops.sum(fields, [1]); // [B, d]
  const squares = ops.sum(ops.mul(fields, fields), [1]); // [B, d]
  return ops.mul(ops.sum(ops.sub(ops.mul(total, total), squares), [1], true), 0.5);
}
