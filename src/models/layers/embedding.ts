/**
 * @file Embeddings of a row's item, attributes and history. Target and history share their tables.
 *
 * Letters: `B` = batch size, `H` = history length, `A` = attributes an item, `d` = embedding width, `I = (1 + A) d` = width
 * of an item, `E = (2 + A) d` = width of a history event.
 */
import type { ModelInputs, ModelScope } from "../model.ts";

/** The item to be scored, with its attributes. Returns shape `[B, I]`. */
export function embedTarget<T>(scope: ModelScope<T>, inputs: ModelInputs<T>): T {
  const { ops, shape } = scope;
  const attributes = ops.gather(attributeTable(scope), inputs.attributes); // [B, A, d]
  return ops.concat(
    [
      ops.gather(itemTable(scope), inputs.items), // [B, d]
      ops.reshape(attributes, [shape.batchSize, -1]), // [B, A d]
    ],
    1,
  );
}

/**
 * The mean over a row's real events: padding does not count, and an empty history gives zeros. Returns shape `[B, E]`.
 *
 * The parts are averaged before they are put side by side, so that no `[B, H, E]` tensor is made.
 */
export function embedHistoryMean<T>(scope: ModelScope<T>, inputs: ModelInputs<T>): T {
  const { ops, shape } = scope;
  const { batchSize, history } = shape;
  const weights = ops.reshape(inputs.historyWeights, [batchSize, 1, history]);
  const mean = (events: T): T => ops.reshape(ops.matmul(weights, events), [batchSize, -1]);
  const attributes = ops.gather(attributeTable(scope), inputs.historyAttributes); // [B, H, A, d]
  return ops.concat(
    [
      mean(ops.gather(itemTable(scope), inputs.historyItems)), // [B, d]
      mean(ops.reshape(attributes, [batchSize, history, -1])), // [B, A d]
      mean(ops.gather(ratingTable(scope), inputs.historyRatings)), // [B, d]
    ],
    1,
  );
}

/** All a backbone without sequence layers reads: `[target, mean of the history, knowledge]`, shape `[B, I + E (+ 2 d)]`. */
export function embedFeatures<T>(
  scope: ModelScope<T>,
  inputs: ModelInputs<T>,
  knowledge: T | undefined,
): T {
  const parts = [embedTarget(scope, inputs), embedHistoryMean(scope, inputs)];
  if (knowledge !== undefined) parts.push(knowledge);
  return scope.ops.concat(parts, 1);
}

function itemTable<T>(scope: ModelScope<T>): T {
  return table(scope, "item_embedding", scope.shape.items);
}

function attributeTable<T>(scope: ModelScope<T>): T {
  return table(scope, "attr_embedding", scope.shape.attributeValues);
}

function ratingTable<T>(scope: ModelScope<T>): T {
  return table(scope, "rating_embedding", scope.shape.ratings);
}

/** One row a value and row 0 for padding. */
function table<T>({ parameters, shape }: ModelScope<T>, name: string, values: number): T {
  return parameters.get(`${name}.weight`, [values + 1, shape.embeddingDim], "xavierNormal");
}
