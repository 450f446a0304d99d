/** @file The inputs of a traced model: their names, types and shapes, as nodes and as arrays of a batch. */
import type { InputArrays } from "../../onnx/session/tensor-feeds.ts";
import type { ModelInputs, ModelShape } from "../../models/model.ts";
import type { Shape } from "../../autodiff/ops.ts";
import type { Batch } from "./engine.ts";
import { checkBatch } from "./check-batch.ts";
import type { Graph, Node } from "../../autodiff/graph.ts";
import { weightOf } from "./weight-of.ts";
import { elements } from "../../base/element-count.ts";

/** A tensor that is fed to the model. */
export interface InputSpec {
  readonly name: string;
  readonly type: "float32" | "int32";
  readonly shape: Shape;
}

/** Letters as in {@link ModelShape}. Absent inputs are those that the shape has no use for. */
export function inputSpecs(shape: ModelShape): readonly InputSpec[] {
  const { batchSize, attributeSlots, history, userFeatures, isWeighted, knowledge } = shape;
  const slots = slotsOf(shape);
  const isMultiValued = attributeSlots.some((places) => places > 1);
  const ids = (name: string, ...sizes: readonly number[]): InputSpec => ({
    name,
    type: "int32",
    shape: [batchSize, ...sizes],
  });
  const numbers = (name: string, ...sizes: readonly number[]): InputSpec => ({
    name,
    type: "float32",
    shape: [batchSize, ...sizes],
  });
  const { userDim, itemDim } = knowledge ?? {};
  return [
    ids("items"),
    ids("attributes", slots),
    ids("historyItems", history),
    ids("historyAttributes", history, slots),
    ids("historyRatings", history),
    numbers("historyWeights", history),
    numbers("historyMask", history),
    numbers("rowWeights"),
    ...(isWeighted ? [numbers("lossWeights")] : []),
    ...(isMultiValued
      ? [numbers("attributeWeights", slots), numbers("historyAttributeWeights", history, slots)]
      : []),
    ...(userFeatures ? [ids("userFeatures", userFeatures.fields)] : []),
    ...(userDim === undefined ? [] : [numbers("userVectors", userDim)]),
    ...(itemDim === undefined ? [] : [numbers("itemVectors", itemDim)]),
  ];
}

/** `S`: places for attribute values of an item. */
export function slotsOf({ attributeSlots }: Pick<ModelShape, "attributeSlots">): number {
  return attributeSlots.reduce((total, places) => total + places, 0);
}

/** The inputs as nodes of a graph. */
export function inputNodes(graph: Graph, shape: ModelShape): ModelInputs<Node> {
  const nodes = new Map(
    inputSpecs(shape).map(({ name, type, shape: size }) => [
      name,
      graph.node({ kind: "input", name }, [], size, type),
    ]),
  );
  const required = (name: string): Node => {
    const node = nodes.get(name);
    if (node === undefined) throw new Error(`internal: the model has no input "${name}"`);
    return node;
  };
  const optional = <K extends string>(key: K, name: string): Partial<Record<K, Node>> => {
    const node = nodes.get(name);
    return node === undefined ? {} : ({ [key]: node } as Record<K, Node>);
  };
  return {
    items: required("items"),
    attributes: required("attributes"),
    ...optional("attributeWeights", "attributeWeights"),
    historyItems: required("historyItems"),
    historyAttributes: required("historyAttributes"),
    ...optional("historyAttributeWeights", "historyAttributeWeights"),
    historyRatings: required("historyRatings"),
    historyWeights: required("historyWeights"),
    historyMask: required("historyMask"),
    rowWeights: required("rowWeights"),
    ...optional("lossWeights", "lossWeights"),
    ...optional("userFeatures", "userFeatures"),
    ...(shape.knowledge && {
      knowledge: { ...optional("user", "userVectors"), ...optional("item", "itemVectors") },
    }),
  };
}

/**
 * A function that checks a batch and gives the arrays of all inputs and of `labels`. The object it returns is the same each time,
 * with other contents.
 *
 * Besides the batch's own arrays it gives those that follow from it: `historyWeights`, `historyMask`, `attributeWeights`,
 * `historyAttributeWeights`, `rowWeights` and `lossWeights`. A short batch runs in the graph of a full one.
 */
export function batchArrays(shape: ModelShape): (batch: Batch) => InputArrays {
  const specs = inputSpecs(shape);
  const { batchSize, history, attributeSlots } = shape;
  const arrays: Record<string, Float32Array | Int32Array> = {};
  const own = (name: string): Float32Array => {
    const spec = specs.find((one) => one.name === name);
    const values = new Float32Array(spec ? elements(spec.shape) : 0);
    if (spec) arrays[name] = values;
    return values;
  };
  const historyWeights = own("historyWeights");
  const historyMask = own("historyMask");
  const rowWeights = own("rowWeights");
  const lossWeights = own("lossWeights");
  const attributeWeights = own("attributeWeights");
  const historyAttributeWeights = own("historyAttributeWeights");

  return (batch) => {
    checkBatch(batch, shape);
    for (let row = 0; row < batchSize; row++) {
      const length = batch.historyLengths[row] ?? 0;
      const start = row * history;
      historyWeights.fill(1 / length, start, start + length);
      historyWeights.fill(0, start + length, start + history);
      historyMask.fill(1, start, start + length).fill(0, start + length, start + history);
    }
    rowWeights.fill(1 / batch.size, 0, batch.size).fill(0, batch.size);
    if (lossWeights.length > 0) shareWeights(batch, lossWeights);
    if (attributeWeights.length > 0) {
      weighValues(batch.attributes, attributeSlots, attributeWeights);
      weighValues(batch.historyAttributes, attributeSlots, historyAttributeWeights);
    }
    const { size, weights, ...given } = batch;
    return Object.assign(arrays, given);
  };
}

/** Gives each row its share of the batch's weight; all 0 where the batch has none. */
function shareWeights(batch: Batch, shares: Float32Array): void {
  const total = weightOf(batch);
  shares.fill(0);
  if (total === 0) return;
  for (let row = 0; row < batch.size; row++) shares[row] = (batch.weights?.[row] ?? 0) / total;
}

/** Gives each value 1 / (values there are of its attribute), and 0 to the places without one. */
function weighValues(
  ids: Int32Array,
  attributeSlots: readonly number[],
  weights: Float32Array,
): void {
  for (let at = 0; at < ids.length;) {
    for (const places of attributeSlots) {
      let values = 0;
      for (let place = 0; place < places; place++) values += ids[at + place] === 0 ? 0 : 1;
      for (let place = 0; place < places; place++, at++) {
        weights[at] = ids[at] === 0 ? 0 : 1 / values;
      }
    }
  }
}
