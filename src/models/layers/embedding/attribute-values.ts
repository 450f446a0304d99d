/**
 * @file Fields of an item's attributes. An attribute with several values is the weighted sum of their rows; an attribute with one slot
 * is that slot's row, where row 0 is the unknown value.
 *
 * Letters: `B` = batch size, `H` = history length, `S` = slots of all attributes, `P` = slots of one attribute, `w` = width of the
 * table's rows. `…` is `B` for the target and `B, H` for the history.
 */
import type { ModelScope, ValueLists } from "../../model.ts";
import type { Scope } from "../../../autodiff/scope.ts";
import type { Shape } from "../../../autodiff/ops.ts";
import { elements } from "../../../base/element-count.ts";
import { isLong, longAttributes } from "./long-attributes.ts";

/** Embedded values of one attribute or, without weights, of `P` attributes with one slot each; a summed list counts as one slot. */
export interface AttributeValues<T> {
  /** Shape `[…, P, w]`. */
  readonly rows: T;
  /** Shape `[…, P]`. */
  readonly weights?: T;
}

/** The attribute values of some items. */
interface AttributeIds<T> {
  readonly ids: T;
  readonly weights: T | undefined;
  readonly lists: ValueLists<T> | undefined;
}

/**
 * Looks up the rows of all attributes, in order.
 *
 * @param table - Shape `[values + 1, w]`
 * @param ids - Shape `[…, S]`
 * @param weights - Shape `[…, S]`; absent if every attribute has one slot
 * @param lists - Of long attributes; absent = they are read from `ids`
 */
export function lookUpAttributes<T>(
  { ops, shape }: ModelScope<T>,
  table: T,
  { ids, weights, lists }: AttributeIds<T>,
): readonly AttributeValues<T>[] {
  if (weights === undefined) return [{ rows: ops.gather(table, ids) }];
  const leading = [...ops.shapeOf(ids).slice(0, -1), longAttributes(shape.attributeSlots)];
  const sums = lists && sumLists({ ops }, table, lists, leading);
  let [start, listed] = [0, 0];
  return shape.attributeSlots.map((places) => {
    const first = start;
    start += places;
    if (sums !== undefined && isLong(places)) return { rows: ops.slice(sums, -2, listed++, 1) };
    const own = (x: T): T => ops.slice(x, -1, first, places);
    const rows = ops.gather(table, own(ids));
    return places === 1 ? { rows } : { rows, weights: own(weights) };
  });
}

/** The weighted sum of each list's rows; shape `[…, R, w]` for `leading` `[…, R]`. */
function sumLists<T>(
  { ops }: Pick<Scope<T>, "ops">,
  table: T,
  { ids, owners, weights }: ValueLists<T>,
  leading: Shape,
): T {
  const rows = ops.mul(ops.gather(table, ids), weights); // [N, w]
  const [width = 1] = ops.shapeOf(rows).slice(1);
  return ops.reshape(ops.scatterAdd(owners, rows, [elements(leading), width]), [...leading, width]);
}

/**
 * The fields of values, side by side.
 *
 * @param leading - `…`
 * @returns Shape `[…, w]`, or `[…, P w]` for `P` attributes with one slot each
 */
export function attributeField<T>(
  { ops }: Scope<T>,
  { rows, weights }: AttributeValues<T>,
  leading: Shape,
): T {
  if (weights === undefined) return ops.reshape(rows, [...leading, -1]);
  const places = ops.shapeOf(weights).at(-1) ?? 1;
  return ops.sum(ops.mul(rows, ops.reshape(weights, [...leading, places, 1])), [-2]);
}

/**
 * The mean of the fields over the history, without a tensor of all events' fields.
 *
 * @param eventWeights - Shape `[B, H]`
 * @returns Shape `[B, w]`, or `[B, P w]` for `P` attributes with one slot each
 */
export function attributeMean<T>(
  { ops, shape: { batchSize, history } }: ModelScope<T>,
  { rows, weights }: AttributeValues<T>,
  eventWeights: T,
): T {
  const places = weights === undefined ? 1 : (ops.shapeOf(weights).at(-1) ?? 1);
  const valueWeights =
    weights === undefined
      ? eventWeights
      : ops.mul(weights, ops.reshape(eventWeights, [batchSize, history, 1]));
  const sum = ops.matmul(
    ops.reshape(valueWeights, [batchSize, 1, history * places]),
    ops.reshape(rows, [batchSize, history * places, -1]),
  );
  return ops.reshape(sum, [batchSize, -1]);
}
