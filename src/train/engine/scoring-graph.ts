/** @file The graph of a model that only scores: no dropout, loss or gradients. */
import { buildModel, type ModelScope } from "../../models/model.ts";
import { createGraph, type Node } from "../../autodiff/graph.ts";
import { inputNodes } from "./input-nodes.ts";
import {
  tracedBuffers,
  tracedParameters,
  type BufferDeclaration,
  type ParameterDeclaration,
} from "../../autodiff/parameters.ts";
import { graphOps } from "../../autodiff/trace.ts";
import type { ModelDefinition } from "./model-definition.ts";

/** The graph from inputs to probabilities; parameters and buffers in the order the model declares them. */
export interface ScoringGraph {
  readonly parameters: readonly ParameterDeclaration[];
  readonly buffers: readonly BufferDeclaration[];
  /** Of label 1, `[B]`. */
  readonly probabilities: Node;
}

/** Traces a model for scoring only, as any runtime can: it reads all attribute values from their slots. */
export function traceScoring(
  definition: Pick<ModelDefinition, "backbone" | "connector" | "shape">,
): ScoringGraph {
  const { shape } = definition;
  const graph = createGraph();
  const ops = graphOps(graph);
  const parameters = tracedParameters(graph);
  const buffers = tracedBuffers(graph);
  const scope = scoringScope({ ops, parameters, buffers, shape });
  const { attributeLists, historyAttributeLists, ...inputs } = inputNodes(graph, shape);
  const logits = buildModel(definition, scope, inputs); // [B]
  return {
    probabilities: ops.sigmoid(logits),
    parameters: parameters.declarations(),
    buffers: buffers.declarations(),
  };
}

/** The scope of a model that scores. */
export function scoringScope<T>(
  shared: Pick<ModelScope<T>, "ops" | "parameters" | "buffers" | "shape">,
): ModelScope<T> {
  return { ...shared, isTraining: false, dropout: (x) => x, addLoss: () => undefined };
}
