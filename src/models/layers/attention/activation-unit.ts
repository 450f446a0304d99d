import type { ModelInputs, ModelScope } from "../../model.ts";
import { dice, type DiceStatistics } from "../dense/dice.ts";
import { linear } from "../dense/linear.ts";

/** Hidden units, as in the paper's public code. */
const hidden = [32, 16] as const;

/**
 * Relevance of each event to the target: an MLP on `[q, k, q − k, q ∘ k]` with Dice, `4 I -> 32 -> 16 -> 1`.
 * Source: Zhou et al., "Deep Interest Network for Click-Through Rate Prediction", 2018, section 4.3, in the form of its public code.
 *
 * The first layer's weights are split in four, and those of `q − k` are added to the others: no `[B, H, 4 I]` tensor is needed.
 *
 * Letters: `B` = batch size, `H` = history length, `I` = width of query and keys.
 *
 * @param name - Prefix of the parameters `name.fc.0.weight` `[32, 4 I]` to `name.fc.6.bias`
 * @param query - Shape `[B, I]`
 * @param keys - Shape `[B, H, I]`
 * @returns Scores, also of padding; shape `[B, H]`
 */
export function activationUnit<T>(
  scope: ModelScope<T>,
  name: string,
  { query, keys }: { readonly query: T; readonly keys: T },
  inputs: Pick<ModelInputs<T>, "historyMask" | "rowWeights">,
  statistics: DiceStatistics,
): T {
  const { ops, parameters, shape } = scope;
  const { batchSize, history } = shape;
  const width = ops.shapeOf(query).at(-1) ?? 0;
  const [first, second] = hidden;

  const weight = parameters.get(`${name}.fc.0.weight`, [first, 4 * width], "xavierNormal");
  const bias = parameters.get(`${name}.fc.0.bias`, [first], "zeros");
  const part = (index: number): T => ops.slice(weight, 1, index * width, width);
  const ofQuery = ops.linear(query, ops.add(part(0), part(2)), bias); // [B, 32]
  const ofKeys = ops.linear(keys, ops.sub(part(1), part(2))); // [B, H, 32]
  const products = ops.mul(keys, ops.reshape(query, [batchSize, 1, width]));
  const ofProducts = ops.linear(products, part(3)); // [B, H, 32]
  const sum = ops.add(ops.add(ofKeys, ofProducts), ops.reshape(ofQuery, [batchSize, 1, first]));

  const activate = (x: T, module: string): T =>
    scope.dropout(dice(scope, `${name}.${module}`, x, inputs, statistics));
  const lower = activate(sum, "fc.1");
  const upper = activate(linear(scope, `${name}.fc.3`, lower, second), "fc.4");
  return ops.reshape(linear(scope, `${name}.fc.6`, upper, 1), [batchSize, history]);
}
