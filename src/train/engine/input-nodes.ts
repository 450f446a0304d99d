import type { Graph, Node } from "../../autodiff/graph.ts";
import type { ModelInputs, ModelShape } from "../../models/model.ts";
import {
  graphNames,
  inputSpecs,
  type GraphName,
  type InputName,
  type PerInput,
} from "./model-inputs.ts";

/** A model's inputs as nodes of a graph. */
export function inputNodes(graph: Graph, shape: ModelShape): ModelInputs<Node> {
  const nodes = Object.fromEntries(
    inputSpecs(shape, graphNames).map(({ name, type, shape: sizes }) => [
      name,
      graph.node({ kind: "input", name }, [], sizes, type),
    ]),
  ) as PerInput<GraphName, Record<InputName, Node>>;
  const { userVectors: user, itemVectors: item, ...inputs } = nodes;
  return {
    ...inputs,
    ...(shape.knowledge && { knowledge: { ...(user && { user }), ...(item && { item }) } }),
  };
}
