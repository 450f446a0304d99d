/**
 * @file Embeddings of a row's item, attributes, history and user. Target and history share tables.
 *
 * Letters: `B` = batch size, `H` = history length, `A` = attributes per item, `S` = slots for their values, `G` = user features,
 * `d` = embedding width, `I = (1 + A) d` = width of an item, `E = (2 + A) d` = width of a history event.
 */
import type { ModelInputs, ModelScope } from "../../model.ts";
import { attributeField, attributeMean, lookUpAttributes } from "./attribute-values.ts";

/** The target item with its attributes. Returns shape `[B, I]`. */
export function embedTarget<T>(scope: ModelScope<T>, inputs: ModelInputs<T>): T {
  const { ops } = scope;
  const attributes = embedTargetAttributes(scope, inputs, attributeTable(scope)); // [B, A d]
  const item = ops.gather(itemTable(scope), inputs.items); // [B, d]
  return ops.concat([item, attributes], 1);
}

/**
 * The attributes of the target item, from any table of attribute values.
 *
 * @param table - Shape `[values + 1, w]`
 * @returns Shape `[B, A w]`
 */
export function embedTargetAttributes<T>(
  scope: ModelScope<T>,
  { attributes: ids, attributeWeights: weights, attributeLists: lists }: ModelInputs<T>,
  table: T,
): T {
  const fields = lookUpAttributes(scope, table, { ids, weights, lists }).map((values) =>
    attributeField(scope, values, [scope.shape.batchSize]),
  );
  return scope.ops.concat(fields, 1);
}

/** The events of the history, oldest first; padding is arbitrary. Returns shape `[B, H, E]`: item, attributes, rating. */
export function embedHistory<T>(scope: ModelScope<T>, inputs: ModelInputs<T>): T {
  const { ops, shape } = scope;
  const { items, ratings, attributes } = historyTensors(scope, inputs);
  const fields = attributes.map((values) =>
    attributeField(scope, values, [shape.batchSize, shape.history]),
  ); // [B, H, A d] in all
  return ops.concat([items, ...fields, ratings], 2);
}

/**
 * The mean over a row's real events, without padding; zeros for an empty history. Returns shape `[B, E]`.
 *
 * Parts are averaged before concatenation, so that no `[B, H, E]` tensor is needed.
 */
export function embedHistoryMean<T>(scope: ModelScope<T>, inputs: ModelInputs<T>): T {
  const { items, ratings, attributes } = historyTensors(scope, inputs);
  const mean = (events: T): T => historyMean(scope, inputs, events);
  const fields = attributes.map((values) => attributeMean(scope, values, inputs.historyWeights));
  return scope.ops.concat([mean(items), ...fields, mean(ratings)], 1);
}

/**
 * The mean of an event tensor over the history.
 *
 * @param events - Shape `[B, H, w]`
 * @returns Shape `[B, w]`; zeros for an empty history
 */
export function historyMean<T>(
  { ops, shape: { batchSize, history } }: ModelScope<T>,
  { historyWeights }: ModelInputs<T>,
  events: T,
): T {
  const weights = ops.reshape(historyWeights, [batchSize, 1, history]);
  return ops.reshape(ops.matmul(weights, events), [batchSize, -1]);
}

/**
 * Features besides item and history, if any: user features `[B, G d]`, then knowledge `[B, k d]`.
 */
export function sideFeatures<T>(
  scope: ModelScope<T>,
  { userFeatures }: ModelInputs<T>,
  knowledge: T | undefined,
): readonly T[] {
  const { ops, shape } = scope;
  const side: T[] = [];
  if (userFeatures !== undefined) {
    const users = table(scope, "user_embedding", shape.userFeatures?.values ?? 0);
    side.push(ops.reshape(ops.gather(users, userFeatures), [shape.batchSize, -1]));
  }
  if (knowledge !== undefined) side.push(knowledge);
  return side;
}

/**
 * All features of a backbone without sequence layers: `[target, mean of the history, user features, knowledge]`, shape
 * `[B, I + E + G d + k d]`.
 */
export function embedFeatures<T>(
  scope: ModelScope<T>,
  inputs: ModelInputs<T>,
  knowledge: T | undefined,
): T {
  const item = embedTarget(scope, inputs);
  const history = embedHistoryMean(scope, inputs);
  return scope.ops.concat([item, history, ...sideFeatures(scope, inputs, knowledge)], 1);
}

/** Items and ratings `[B, H, d]` of the history, and its attribute values. */
function historyTensors<T>(scope: ModelScope<T>, inputs: ModelInputs<T>) {
  const { historyItems, historyRatings } = inputs;
  return {
    items: scope.ops.gather(itemTable(scope), historyItems),
    ratings: scope.ops.gather(
      table(scope, "rating_embedding", scope.shape.ratings),
      historyRatings,
    ),
    attributes: lookUpAttributes(scope, attributeTable(scope), {
      ids: inputs.historyAttributes,
      weights: inputs.historyAttributeWeights,
      lists: inputs.historyAttributeLists,
    }),
  };
}

function itemTable<T>(scope: ModelScope<T>): T {
  return table(scope, "item_embedding", scope.shape.items);
}

function attributeTable<T>(scope: ModelScope<T>): T {
  return table(scope, "attr_embedding", scope.shape.attributeValues);
}

/** One row per value, and row 0 for padding. */
function table<T>({ parameters, shape }: ModelScope<T>, name: string, values: number): T {
  return parameters.get(`${name}.weight`, [values + 1, shape.embeddingDim], "xavierNormal");
}
