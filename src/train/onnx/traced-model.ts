/** @file Runs a model on graph nodes, differentiates it, and emits what training and scoring need. */
import { buildModel, type Backbone, type Connector, type ModelInputs } from "../../models/model.ts";
import type { Shape } from "../../models/ops.ts";
import type { ModelShape } from "../engine.ts";
import { differentiate } from "./differentiate.ts";
import { emitModel, type EmittedModel } from "./emit.ts";
import { createGraph, type Graph, type Node } from "./graph.ts";
import { tracedParameters, type ParameterDeclaration } from "./parameters.ts";
import { graphOps, type GraphOps } from "./trace.ts";

/** What decides a model's graph. */
export interface ModelDefinition {
  readonly backbone: Backbone;
  /** Used if `shape.knowledge` is given. */
  readonly connector: Connector;
  readonly shape: ModelShape;
}

/** Two ONNX models over the same parameters, and these in the order in which the model asked for them. */
export interface TracedModel {
  readonly declarations: readonly ParameterDeclaration[];
  /** Outputs `loss`, a scalar, and each parameter's {@link gradientName}. */
  readonly training: EmittedModel;
  /** Output `probabilities` `[B]`. */
  readonly scoring: EmittedModel;
}

export function traceModel({ backbone, connector, shape }: ModelDefinition): TracedModel {
  const graph = createGraph();
  const ops = graphOps(graph);
  const parameters = tracedParameters(graph);
  const input = floatInput(graph);

  const inputs = modelInputs(graph, shape);
  const logits = buildModel({ backbone, connector }, { ops, parameters, shape }, inputs); // [B]
  const labels = input("labels", [shape.batchSize]);
  const rowWeights = input("rowWeights", [shape.batchSize]);
  const loss = binaryCrossEntropy(ops, logits, labels, rowWeights);

  const declarations = parameters.declarations();
  const nodes = declarations.map(({ node }) => node);
  const outputs = new Map([["loss", loss]]);
  differentiate(graph, ops, loss, nodes).forEach((gradient, index) => {
    const declaration = declarations[index];
    if (declaration) outputs.set(gradientName(declaration.key), gradient);
  });
  return {
    declarations,
    training: emitModel(outputs),
    scoring: emitModel(new Map([["probabilities", ops.sigmoid(logits)]])),
  };
}

/** Name of the training model's output with the gradient of the parameter declared under `key`. */
export function gradientName(key: string): string {
  return `gradient of ${key}`;
}

/**
 * `Σ weight · log(1 + e^(±logit))`, minus for label 1: exact also for rows the model is sure of, where the usual
 * `log(1 + e^x) - y x` subtracts two large numbers. Needs labels of 0 or 1.
 *
 * All shapes `[B]`; returns a scalar, nats.
 */
function binaryCrossEntropy(ops: GraphOps, logits: Node, labels: Node, weights: Node): Node {
  const sign = ops.sub(ops.constant(1), ops.mul(labels, 2));
  return ops.sum(ops.mul(weights, ops.softplus(ops.mul(sign, logits))), [0]);
}

function modelInputs(graph: Graph, shape: ModelShape): ModelInputs<Node> {
  const { batchSize, attributesPerItem, history, knowledge } = shape;
  const ids = (name: string, size: Shape) => graph.node({ kind: "input", name }, [], size, "int32");
  const input = floatInput(graph);
  return {
    items: ids("items", [batchSize]),
    attributes: ids("attributes", [batchSize, attributesPerItem]),
    historyItems: ids("historyItems", [batchSize, history]),
    historyAttributes: ids("historyAttributes", [batchSize, history, attributesPerItem]),
    historyRatings: ids("historyRatings", [batchSize, history]),
    historyWeights: input("historyWeights", [batchSize, history]),
    ...(knowledge && {
      knowledge: {
        user: input("userVectors", [batchSize, knowledge.userDim]),
        item: input("itemVectors", [batchSize, knowledge.itemDim]),
      },
    }),
  };
}

function floatInput(graph: Graph): (name: string, shape: Shape) => Node {
  return (name, shape) => graph.node({ kind: "input", name }, [], shape);
}
