/** @file Pools events by attention. Letters: `B` = batch size, `H` = history length, `w` = width of an event. */
import type { Scope } from "../../../autodiff/scope.ts";
import type { ModelScope } from "../../model.ts";

/** Added to the scores of padding, for a softmax weight of 0. */
const excluded = -1e9;

/**
 * Softmax over each row's events.
 *
 * @param scores - Shape `[B, H]`
 * @param mask - Shape `[B, H]`: 1 for an event, 0 for padding
 * @returns Shape `[B, H]`; 0 for padding, and all 0 for an empty history
 */
export function maskedSoftmax<T>({ ops }: Scope<T>, scores: T, mask: T): T {
  const penalty = ops.mul(ops.sub(mask, 1), -excluded); // 0 for an event
  return ops.mul(ops.softmax(ops.add(scores, penalty)), mask);
}

/**
 * The weighted sum over the events.
 *
 * @param weights - Shape `[B, H]`, 0 for padding
 * @param events - Shape `[B, H, w]`
 * @returns Shape `[B, w]`
 */
export function weightedSum<T>({ ops, shape }: ModelScope<T>, weights: T, events: T): T {
  const { batchSize, history } = shape;
  const rows = ops.reshape(weights, [batchSize, 1, history]);
  return ops.reshape(ops.matmul(rows, events), [batchSize, -1]);
}
