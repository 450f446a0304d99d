import type { Graph, Node } from "../../autodiff/graph.ts";
import type { ModelInputs, ModelShape, ValueLists } from "../../models/model.ts";
import {
  graphNames,
  inputSpecs,
  type GraphName,
  type InputName,
  type PerInput,
} from "./model-inputs.ts";

/** A model's inputs as nodes of a graph. Values of long attributes are read as lists, as an engine derives them. */
export function inputNodes(graph: Graph, shape: ModelShape): ModelInputs<Node> {
  const nodes = Object.fromEntries(
    inputSpecs(shape, graphNames).map(({ name, type, shape: sizes, length }) => [
      name,
      graph.node({ kind: "input", name, ...(length !== undefined && { length }) }, [], sizes, type),
    ]),
  ) as PerInput<GraphName, Record<InputName, Node>>;
  const { userVectors: user, itemVectors: item, ...inputs } = nodes;
  const attributeLists = valueLists(
    nodes.attributeListIds,
    nodes.attributeListOwners,
    nodes.attributeListWeights,
  );
  const historyAttributeLists = valueLists(
    nodes.historyAttributeListIds,
    nodes.historyAttributeListOwners,
    nodes.historyAttributeListWeights,
  );
  return {
    ...inputs,
    ...(attributeLists && { attributeLists }),
    ...(historyAttributeLists && { historyAttributeLists }),
    ...(shape.knowledge && { knowledge: { ...(user && { user }), ...(item && { item }) } }),
  };
}

function valueLists(
  ids: Node | undefined,
  owners: Node | undefined,
  weights: Node | undefined,
): ValueLists<Node> | undefined {
  return ids && owners && weights && { ids, owners, weights };
}
